"""Programs that write what is made from something else: `make generate` runs them all. No part of what is shipped."""
