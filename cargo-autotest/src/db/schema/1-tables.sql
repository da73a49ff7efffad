-- Times are in seconds since 1970 (`_t`), durations in seconds (`_s`).

CREATE TABLE targets (
    id NUMBERED KEY,
    hostname TEXT NOT NULL UNIQUE
);

CREATE TABLE kernels (
    id NUMBERED KEY,
    release TEXT NOT NULL UNIQUE
);

CREATE TABLE jobs (
    id NUMBERED KEY,
    target_id BIGINT NOT NULL REFERENCES targets (id),
    -- With the target, the key of a job.
    job TEXT NOT NULL,
    label TEXT NOT NULL,
    username TEXT NOT NULL,
    build TEXT NOT NULL,
    -- Empty if it is not known.
    commit_id TEXT NOT NULL,
    -- JSON.
    argv TEXT NOT NULL,
    shard TEXT,
    shuffle_seed TEXT,
    control TEXT,
    kernel_id BIGINT NOT NULL REFERENCES kernels (id),
    machine TEXT NOT NULL,
    cpu_count BIGINT NOT NULL,
    is_strict BIGINT NOT NULL,
    filtered_out BIGINT NOT NULL,
    started_t DOUBLE PRECISION NOT NULL,
    ended_t DOUBLE PRECISION NOT NULL,
    elapsed_s DOUBLE PRECISION NOT NULL,
    -- GOOD or ABORT.
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- Where it was imported from.
    directory TEXT NOT NULL,
    -- The journal, by which the job is recognised.
    journal_records BIGINT NOT NULL,
    journal_bytes BIGINT NOT NULL,
    journal_sha256 TEXT NOT NULL,
    -- Of its first record.
    start_sha256 TEXT NOT NULL,
    UNIQUE (target_id, job)
);

CREATE INDEX jobs_by_time ON jobs (started_t);

-- Tests that have no run: `not run` because the job ended, or `ignored`.
CREATE TABLE left_out (
    job_id BIGINT NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL,
    test TEXT NOT NULL,
    why TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (job_id, position)
);

CREATE TABLE runs (
    -- The job's, times 10,000,000, plus the number of the run in the job.
    id NUMBER KEY,
    job_id BIGINT NOT NULL REFERENCES jobs (id),
    target_id BIGINT NOT NULL REFERENCES targets (id),
    -- The kernel that the target had by then.
    kernel_id BIGINT NOT NULL REFERENCES kernels (id),
    -- `test`, `subtest` or `attempt`: interrupted with the job, and run again.
    kind TEXT NOT NULL,
    -- The run that waited for a subtest.
    parent_id BIGINT,
    test TEXT NOT NULL,
    operation TEXT NOT NULL,
    -- The test, with the operation if that says more.
    name TEXT NOT NULL,
    subdir TEXT NOT NULL,
    -- The groups and branches around it, outermost first, in JSON.
    groups_around TEXT NOT NULL,
    -- JSON.
    args TEXT NOT NULL,
    timeout_s DOUBLE PRECISION,
    started_t DOUBLE PRECISION NOT NULL,
    elapsed_s DOUBLE PRECISION NOT NULL,
    -- GOOD, WARN, TEST_NA, FAIL, ERROR, ABORT.
    status TEXT NOT NULL,
    -- passed, failed, skipped.
    grade TEXT NOT NULL,
    -- NULL if it passed.
    reason TEXT,
    -- `file:line:column`.
    location TEXT,
    -- The reason of an expected failure.
    known_failure TEXT
);

CREATE INDEX runs_by_job ON runs (job_id);
CREATE INDEX runs_by_test ON runs (test, started_t);
CREATE INDEX runs_by_name ON runs (name, started_t);

-- The suites, attributes and constraints that a run's test declares: `suite`, `attribute`, `constraint`.
CREATE TABLE declared (
    run_id BIGINT NOT NULL REFERENCES runs (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
);

CREATE TABLE keyvals (
    run_id BIGINT NOT NULL REFERENCES runs (id),
    position BIGINT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    -- If it is one.
    number DOUBLE PRECISION,
    PRIMARY KEY (run_id, position)
);

-- The keyvals of iterations.
CREATE TABLE iterations (
    run_id BIGINT NOT NULL REFERENCES runs (id),
    position BIGINT NOT NULL,
    -- From 1.
    iteration BIGINT NOT NULL,
    -- `attr` or `perf`.
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    number DOUBLE PRECISION,
    PRIMARY KEY (run_id, position)
);

CREATE INDEX iterations_by_key ON iterations (key);

-- Perf values: a row for each number.
CREATE TABLE samples (
    run_id BIGINT NOT NULL REFERENCES runs (id),
    position BIGINT NOT NULL,
    metric TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    units TEXT,
    -- `up` if higher is better, `down`; NULL if the test does not say it.
    direction TEXT,
    graph TEXT,
    PRIMARY KEY (run_id, position)
);

CREATE INDEX samples_by_metric ON samples (metric);

-- `status` (a line of the status log), `note` (an error besides the verdict), `crash`, `artifact`, `resume`, `reboot`,
-- `group` (an error of its function).
CREATE TABLE events (
    job_id BIGINT NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL,
    run_id BIGINT,
    t DOUBLE PRECISION,
    kind TEXT NOT NULL,
    -- Of a status line: GOOD, WARN, INFO and so on.
    code TEXT,
    message TEXT NOT NULL,
    PRIMARY KEY (job_id, position)
);

-- Runs that were interrupted with their job, each with the run that is final, if there is one.
CREATE VIEW attempts AS
    SELECT attempt.id AS run_id, attempt.job_id AS job_id, attempt.test AS test, attempt.operation AS operation,
        attempt.started_t AS started_t, attempt.elapsed_s AS elapsed_s, attempt.reason AS reason,
        attempt.subdir AS subdir, final.id AS final_run_id
    FROM runs AS attempt
    LEFT JOIN runs AS final
        ON final.job_id = attempt.job_id AND final.operation = attempt.operation AND final.kind = 'test'
    WHERE attempt.kind = 'attempt';

-- Everything that is measured. The source is `perf value` or `iteration`: a test may record a metric as both.
CREATE VIEW measurements AS
    SELECT run_id, 'perf value' AS source, position, metric, value, units, direction FROM samples
    UNION ALL
    SELECT run_id, 'iteration', position, key, number, NULL, NULL FROM iterations
    WHERE kind = 'perf' AND number IS NOT NULL;
