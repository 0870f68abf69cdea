"""What really happened between an application and a service, as files: read, masked, and written again.

values        an exchange, a callback, and what cannot be read
splitting     a huge JSON text as a stream of the values in it
parts         instants, headers, URLs and bodies, in any of the ways that files have them
har           one entry of a HAR file, by whatever program
rows          one value of a file as an exchange or a callback, whatever wrote it
readers       files, and the standard input: HAR, JSON Lines, webhook logs
lines         a recording as JSON Lines
permutation   a text as another one of the same shape
fields        what the fields of Routee's API hold
masking       a recording without anything personal in it
trust         which certificates are trusted when a service is asked
tls_port      where a pass-through takes clients over TLS
passing       a pass-through between an application and a service, which tells what it saw
"""
