"""The processes around Mobius: who calls it, who works for it, who is called by it. Each keeps a diary."""
