#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A web server that asks no name server: serve.py ADDR PORT DIR."""
import functools
import http.server
import socketserver
import sys


class Server(http.server.ThreadingHTTPServer):
    server_bind = socketserver.TCPServer.server_bind
    server_name, server_port = "localhost", 0


addr, port, folder = sys.argv[1:]
Server((addr, int(port)), functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)).serve_forever()
