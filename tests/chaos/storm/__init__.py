"""The storm: an installation whose connections go through proxies, what strikes it, and the calm after it."""
