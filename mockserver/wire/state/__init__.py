"""The state of a sandbox as lines of JSON, and back: what its log has led to, without the log.

Theory of operation. A part of the state is a class of lines, which says what a line holds, how the lines are taken from
an engine, and how one is put into an engine that has just begun. Each line names its part. They are written and read in
the order of `PARTS`, for a part can need those before it: a callback is of a flow, and its attempts are in the journal.

State is data, not rules: a release with other delays or prices reads it, and goes on from it by its own rules. What
other state leads to, such as the order in which scenarios are tried, is not written, but made again.

Nobody else may touch what the core keeps to itself, so it is reached by its names, which stand in the parts. A test
knows every field of the core, and fails when there is one that no part knows.
"""
