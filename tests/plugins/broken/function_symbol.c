/* function_symbol - breaks the first sentence of the contract: what it exports is a function, and
 * no constant. */

__attribute__((visibility("default"))) int handoffd_plugin(void);

int handoffd_plugin(void)
{
    return 0;
}
