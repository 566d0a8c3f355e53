#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Record what arrives at and what leaves the devices of one network namespace.

    record.py --arrived FILE --left FILE DEV...

One packet socket listens to all devices, so frames keep the order in which the kernel saw them; each frame is written
with its device's name (pcapng if_name) and a time in nanoseconds. Frames come through a ring, which copies them when
they are seen: a plain socket shares the bytes with the kernel, which writes new headers into fragments while it cuts a
reassembled packet again. Stops at SIGTERM or SIGINT and then writes both files. A line "recording" on standard output
says that the socket is open.
"""
import argparse
import ctypes
import mmap
import select
import signal
import socket
import struct
import sys

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_RX_RING = 5
PACKET_VERSION = 10
TPACKET_V2 = 1
TP_STATUS_KERNEL = 0
TP_STATUS_USER = 1
PACKET_OUTGOING = 4
FRAME_SIZE = 2048
FRAMES = 8192


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def write_pcapng(path, devices, frames):
    with open(path, "wb") as out:
        out.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for dev in devices:
            options = option(2, dev.encode()) + option(9, b"\x09") + option(0, b"")
            out.write(block(1, struct.pack("<HHI", 1, 0, 0) + options))
        for ns, dev, frame in frames:
            head = struct.pack("<IIIII", devices.index(dev), ns >> 32, ns & 0xFFFFFFFF,
                               len(frame), len(frame))
            out.write(block(6, head + frame))


def open_on_all_devices(tap):
    """bind() to interface 0; Python's own bind() wants an interface's name."""
    libc = ctypes.CDLL(None, use_errno=True)
    address = struct.pack("HHiHBB8s", socket.AF_PACKET, socket.htons(ETH_P_ALL), 0, 0, 0, 0, b"")
    if libc.bind(tap.fileno(), address, len(address)):
        raise OSError(ctypes.get_errno(), "bind")


class Stop(Exception):
    pass


def stop(*_):
    raise Stop


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--arrived", required=True)
    args.add_argument("--left", required=True)
    args.add_argument("devices", nargs="+", metavar="DEV")
    args = args.parse_args()

    names = {index: dev for index, dev in socket.if_nameindex() if dev in args.devices}
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    tap.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
    tap.setsockopt(SOL_PACKET, PACKET_RX_RING,
                   struct.pack("IIII", 1 << 16, FRAMES * FRAME_SIZE >> 16, FRAME_SIZE, FRAMES))
    ring = mmap.mmap(tap.fileno(), FRAMES * FRAME_SIZE)
    open_on_all_devices(tap)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print("recording", flush=True)

    arrived, left = [], []
    slot = 0
    try:
        while True:
            at = slot * FRAME_SIZE
            status, _, size, mac, _, seconds, ns = struct.unpack_from("IIIHHII", ring, at)
            if not status & TP_STATUS_USER:
                select.select([tap], [], [])
                continue
            # a struct sockaddr_ll stands behind the 32 bytes of the header
            index, _, kind = struct.unpack_from("iHB", ring, at + 36)
            if index in names:
                (left if kind == PACKET_OUTGOING else arrived).append(
                    (seconds * 10**9 + ns, names[index], ring[at + mac:at + mac + size]))
            struct.pack_into("I", ring, at, TP_STATUS_KERNEL)
            slot = (slot + 1) % FRAMES
    except Stop:
        pass
    for frames in (arrived, left):
        if any(a[0] > b[0] for a, b in zip(frames, frames[1:])):
            sys.exit("record.py: the clock went backwards during the recording: record again")
    write_pcapng(args.arrived, args.devices, arrived)
    write_pcapng(args.left, args.devices, left)
    print(f"{len(arrived)} frames arrived, {len(left)} left", file=sys.stderr)


if __name__ == "__main__":
    main()
