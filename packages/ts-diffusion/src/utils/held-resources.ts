/** What a run holds until it ends, such as compiled programs and open files. It is released together, what was opened last first. */
export class HeldResources {
  readonly #releases: (() => void | Promise<void>)[] = [];

  /**
   * Opens a resource and holds it. Where that fails, all that is held is released: the run does not begin.
   *
   * @throws what `open` throws
   */
  async open<Resource>(
    open: () => Resource | Promise<Resource>,
    release: (resource: Resource) => void | Promise<void>,
  ): Promise<Resource> {
    try {
      const resource = await open();
      this.#releases.push(() => release(resource));
      return resource;
    } catch (error) {
      // What a release throws is left out: why the run does not begin is the error to tell.
      await Promise.allSettled([this.release()]);
      throw error;
    }
  }

  /** Releases all that is held, also where one of the releases fails. @throws what a release throws */
  async release(): Promise<void> {
    const release = this.#releases.pop();
    if (release === undefined) return;
    try {
      await release();
    } finally {
      await this.release();
    }
  }
}
