"""The pure core: flows, the virtual clock, the engine. Standard library only."""
