/* no_symbol - breaks the first sentence of the contract: exports no handoffd_plugin. */

__attribute__((visibility("default"))) const int some_plugin = 1;
