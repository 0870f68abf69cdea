"""The shop as a server: POST /orders tells a customer, POST /webhook is for Routee. `python serve.py 5000`"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shop import Shop
from webhook import handle


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/orders":
            shop.ready(body["number"], body["phone"])
        else:
            handle(shop, body)
        self.send_response(204)
        self.end_headers()


port = int(sys.argv[1])
shop = Shop(os.environ, f"http://127.0.0.1:{port}/webhook")
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
