-- The names and columns of Autotest's results database, TKO. Times are texts in UTC.

CREATE VIEW tko_machines AS
    SELECT id AS machine_idx, hostname, '' AS machine_group, '' AS owner FROM targets;

CREATE VIEW tko_kernels AS
    SELECT id AS kernel_idx, '' AS kernel_hash, release AS base, release AS printable FROM kernels;

CREATE VIEW tko_status AS
    SELECT column1 AS status_idx, column2 AS word
    FROM (VALUES (1, 'NOSTATUS'), (2, 'ERROR'), (3, 'ABORT'), (4, 'FAIL'), (5, 'WARN'), (6, 'GOOD'), (7, 'ALERT'),
        (8, 'TEST_NA'), (9, 'RUNNING')) AS words;

CREATE VIEW tko_jobs AS
    SELECT jobs.id AS job_idx, jobs.job || '-' || jobs.username || '/' || targets.hostname AS tag,
        jobs.label AS label, jobs.username AS username, jobs.target_id AS machine_idx,
        UTC_TIME(jobs.started_t) AS queued_time, UTC_TIME(jobs.started_t) AS started_time,
        UTC_TIME(jobs.ended_t) AS finished_time, CAST(NULL AS BIGINT) AS afe_job_id
    FROM jobs JOIN targets ON targets.id = jobs.target_id;

-- A row for each final run of a test; no SERVER_JOB, no CLIENT_JOB.
CREATE VIEW tko_tests AS
    SELECT runs.id AS test_idx, runs.job_id AS job_idx, runs.operation AS test, runs.subdir AS subdir,
        runs.kernel_id AS kernel_idx, tko_status.status_idx AS status, COALESCE(runs.reason, '') AS reason,
        runs.target_id AS machine_idx, 0 AS invalid, UTC_TIME(runs.started_t) AS started_time,
        UTC_TIME(runs.started_t + runs.elapsed_s) AS finished_time
    FROM runs JOIN tko_status ON tko_status.word = runs.status
    WHERE runs.kind = 'test';

CREATE VIEW tko_job_keyvals AS
    SELECT id * 10 + 1 AS id, id AS job_id, 'user' AS key, username AS value FROM jobs
    UNION ALL SELECT id * 10 + 2, id, 'label', label FROM jobs
    UNION ALL SELECT jobs.id * 10 + 3, jobs.id, 'hostname', targets.hostname
        FROM jobs JOIN targets ON targets.id = jobs.target_id
    UNION ALL SELECT id * 10 + 4, id, 'build', build FROM jobs
    UNION ALL SELECT id * 10 + 5, id, 'job_started', CAST(WHOLE(started_t) AS VARCHAR) FROM jobs
    UNION ALL SELECT id * 10 + 6, id, 'job_finished', CAST(WHOLE(ended_t) AS VARCHAR) FROM jobs;

CREATE VIEW tko_test_attributes AS
    SELECT keyvals.run_id * 10000 + keyvals.position AS id, keyvals.run_id AS test_idx, keyvals.key AS attribute,
        keyvals.value AS value, 0 AS user_created
    FROM keyvals JOIN runs ON runs.id = keyvals.run_id WHERE runs.kind = 'test';

CREATE VIEW tko_iteration_attributes AS
    SELECT iterations.run_id AS test_idx, iterations.iteration AS iteration, iterations.key AS attribute,
        iterations.value AS value
    FROM iterations JOIN runs ON runs.id = iterations.run_id
    WHERE runs.kind = 'test' AND iterations.kind = 'attr';

CREATE VIEW tko_iteration_result AS
    SELECT iterations.run_id AS test_idx, iterations.iteration AS iteration, iterations.key AS attribute,
        iterations.number AS value
    FROM iterations JOIN runs ON runs.id = iterations.run_id
    WHERE runs.kind = 'test' AND iterations.kind = 'perf' AND iterations.number IS NOT NULL;

CREATE VIEW tko_iteration_perf_value AS
    SELECT samples.run_id AS test_idx, samples.position AS iteration, samples.metric AS description,
        samples.value AS value, 0.0 AS stddev, samples.units AS units,
        CASE samples.direction WHEN 'up' THEN 1 WHEN 'down' THEN 0 END AS higher_is_better, samples.graph AS graph
    FROM samples JOIN runs ON runs.id = samples.run_id WHERE runs.kind = 'test';

CREATE VIEW tko_test_view_2 AS
    SELECT tests.test_idx AS test_idx, tests.job_idx AS job_idx, tests.test AS test_name, tests.subdir AS subdir,
        tests.kernel_idx AS kernel_idx, tests.status AS status_idx, tests.reason AS reason,
        tests.machine_idx AS machine_idx, tests.started_time AS test_started_time,
        tests.finished_time AS test_finished_time, jobs.tag AS job_tag, jobs.label AS job_name,
        jobs.username AS job_owner, jobs.queued_time AS job_queued_time, jobs.started_time AS job_started_time,
        jobs.finished_time AS job_finished_time, jobs.afe_job_id AS afe_job_id, machines.hostname AS hostname,
        machines.machine_group AS platform, machines.owner AS machine_owner, kernels.kernel_hash AS kernel_hash,
        kernels.base AS kernel_base, kernels.printable AS kernel, words.word AS status
    FROM tko_tests AS tests
    JOIN tko_jobs AS jobs ON jobs.job_idx = tests.job_idx
    JOIN tko_machines AS machines ON machines.machine_idx = tests.machine_idx
    JOIN tko_kernels AS kernels ON kernels.kernel_idx = tests.kernel_idx
    JOIN tko_status AS words ON words.status_idx = tests.status;

CREATE VIEW tko_perf_view_2 AS
    SELECT tests.*, results.iteration AS iteration, results.attribute AS iteration_key,
        results.value AS iteration_value
    FROM tko_test_view_2 AS tests JOIN tko_iteration_result AS results ON results.test_idx = tests.test_idx;
