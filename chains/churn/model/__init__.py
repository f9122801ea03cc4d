"""The second engine of every language step: a chat model, held to the typed input and output of the built-in one."""
