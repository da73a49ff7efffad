# Behind `boot.sh`: jobs with the profiler `ftrace`, and after each what it left in the kernel.
for library in /disk/lib/*; do
    [ -e "/lib/${library##*/}" ] || ln -s "$library" /lib/
done
tracefs=/sys/kernel/tracing
mount -t tracefs tracefs $tracefs
mkdir /disk/job $tracefs/instances/other
uname -r
cp $tracefs/instances/other/available_tracers /disk/job/tracers

# The verdicts of a job.
run() {
    name=$1
    shift
    /disk/suite --color never "$@" >/disk/out 2>&1
    grep -v '^$' /disk/out >/dev/console
    sed -n "/ \.\.\. /s/^test /$name: /p" /disk/out
}
# The tracer of the machine, and all instances.
left() {
    echo "$name: $(cat $tracefs/current_tracer) $(ls $tracefs/instances)"
}
traced() {
    name=$1
    shift
    run "$name" --results "/disk/job/$name" --profiler "ftrace:$@"
}

{
    traced events 'events=["sched"]' --exact is_killed
    left
    traced child 'events=["syscalls:sys_enter_write"],buffer_kb=64' --exact HasAChild
    left
    traced function 'tracer=function,events=[],buffer_kb=512' --exact is_killed
    left
    traced graph 'tracer=function_graph,events=[]' --exact passes
    left
    traced unknown 'tracer=magic' --exact passes
    left
    traced killed 'events=["sched"]' --exact kills_its_tracer
    left
    traced interrupted 'events=["sched"]' --exact kills_its_supervisor --param once=/tmp/once
    # The guardian removes the rest.
    until [ "$(ls $tracefs/instances)" = other ]; do sleep 0.1; done
    left
    run resumed --resume /disk/job/interrupted
    left
    run perf --results /disk/job/perf --profiler perf --exact passes
} >/disk/job/lines
read -r time _ </proc/uptime
echo "ended after $time s"
poweroff -f
