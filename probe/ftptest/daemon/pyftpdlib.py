# The server that package daemon starts for the kind pyftpdlib.
import json
import logging
import os
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

with open(sys.argv[1]) as f:
    conf = json.load(f)

logging.basicConfig(level=logging.WARNING)
authorizer = DummyAuthorizer()
authorizer.add_user(conf["user"], conf["pass"], "/mnt/home", perm="elradfmwMT")

if conf["tls"]:
    from pyftpdlib.handlers import TLS_FTPHandler as Base
else:
    Base = FTPHandler


class Handler(Base):
    passive_ports = range(conf["first"], conf["last"] + 1)
    masquerade_address = conf["advertise"] or None
    auth_failed_timeout = 0


Handler.authorizer = authorizer
if conf["tls"]:
    Handler.certfile = "/mnt/etc/cert.pem"
    Handler.keyfile = "/mnt/etc/key.pem"
    # Read now, as long as the key may be read.
    Handler.ssl_context = Handler.get_ssl_context()

FTPServer.max_cons = 10000
server = FTPServer((conf["addr"], conf["port"]), Handler)
# Files are to belong to the account, as with the other daemons.
os.setgroups([])
os.setgid(conf["gid"])
os.setuid(conf["uid"])
os.umask(0o022)
server.serve_forever()
