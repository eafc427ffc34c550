"""Mail: a row written in the request's transaction, sent after the commit, retried until it is out.

``outbox`` takes a mail in, ``delivery`` sends what is due, ``transports`` are the ways out.
"""
