"""Texts larger than one machine: cut into shards, translated by workers anywhere, joined in order.

    shards      files -> shards of some thousand lines, always cut alike
    job         the folder of a job: what it is (job.json), which shards are there, the joined result
    worker      a shard -> its translation, by a model that is loaded once a process
    watch       a worker that hangs ends itself
    dispatch    who translates what: one shard a worker, those of a worker that died once more
    cluster     workers on Ray

The program that was called reads all text and writes all results; workers get the model and a shard as bytes and give
bytes back. So a cluster needs no file system in common, only one process writes to the folder, and a shard that two
workers translate, because one was thought dead, does no harm.
"""
