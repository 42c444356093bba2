"""freezing_proxy.py PORT FILE: forwards TCP to a port of 127.0.0.1, and prints its own. Once FILE exists, the connections of that moment
stay open and carry nothing any more, as behind a router that forgot them; those that come later are carried."""

import os
import socket
import sys
import threading
import time

frozen_at = None


def watch(path):
    global frozen_at
    while not os.path.exists(path):
        time.sleep(0.02)
    frozen_at = time.monotonic()


def carry(source, target, opened):
    while data := source.recv(65536):
        if frozen_at is not None and opened < frozen_at:
            threading.Event().wait()
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def quietly(*arguments):
    try:
        carry(*arguments)
    except OSError:
        pass  # either side has left


def main():
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        print(server.getsockname()[1], flush=True)
        threading.Thread(target=watch, args=(sys.argv[2],), daemon=True).start()
        while True:
            client, _ = server.accept()
            target = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            for ends in ((client, target), (target, client)):
                threading.Thread(target=quietly, args=(*ends, time.monotonic()), daemon=True).start()


main()
