"""The fuzz: hostile requests to every endpoint, as bytes on a connection. `make fuzz` runs it, for minutes.

corpus      requests with nothing wrong, to every endpoint
mutations   what is done to a JSON value, to bytes, and to a URL
requests    one request of the corpus, spoilt
shapes      how requests are put on a connection, rightly and wrongly
cases       case N of a seed: always the same bytes
answers     what comes back, and what is wrong with it
target      the server under attack, in a process of its own, and what it logs
hook        the receiver of its callbacks, which misbehaves
rounds      many cases against one server
"""
