/**
 * Where modules are that an import by their name does not find: a worker does not see the import map of its page, which tells the
 * worker by this.
 */
export const moduleAddresses: Record<string, string> = {};
