"""What a server keeps on disk: the commands of every sandbox, so that a restart brings back all that was answered."""
