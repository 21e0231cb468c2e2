/**
 * Our address as others see it, which peers tell us (BEP 10, `yourip`). The first one is believed: priorities and subnets that changed
 * with every peer would be worth nothing, and only speed depends on them.
 */
export class OwnAddress {
  readonly port: number
  #host = ''

  /** `port` is the one on which we listen. */
  constructor(port: number) {
    this.port = port
  }

  /** Empty until somebody has told it. */
  get host(): string {
    return this.#host
  }

  /** A peer says that our address is `host`. */
  learn(host: string): void {
    if (this.#host === '') this.#host = host
  }
}
