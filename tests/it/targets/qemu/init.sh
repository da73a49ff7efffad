# Behind `boot.sh`: a system with a network and an SSH server.
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
route add default gw 10.0.2.2
echo "booted for the $(wc -l </disk/boots). time"
echo >>/disk/boots
# It is no first process itself, since it would not reap what it adopts.
dropbear -E -F -r /host_key &
while :; do
    wait
    sleep 1
done
