#!/bin/busybox sh
# The beginning of the first process of a machine: it makes a system out of the disk, whose modules are loaded in order.
export PATH=/bin TMPDIR=/tmp
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /lib/modules); do
    insmod "/lib/$module.ko"
done
# 1 MiB that the kernel's command line reserves. Nobody mounts pstore here.
insmod /lib/ramoops.ko mem_address=0xf000000 mem_size=0x100000 record_size=0x10000
mount -t ext4 /dev/vda /disk
