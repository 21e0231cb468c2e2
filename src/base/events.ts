/**
 * A typed list of listeners. Smaller than EventEmitter and checked by the compiler: the payload of each event is its own type,
 * and an 'error' without a listener does not end the process.
 */
export class Events<EventMap extends object> {
  readonly #listeners = new Map<keyof EventMap, Set<(payload: never) => void>>()

  /** Calls `listener` for each later `type`; returns the function that stops it. */
  on<Type extends keyof EventMap>(type: Type, listener: (payload: EventMap[Type]) => void): () => void {
    let listeners = this.#listeners.get(type)
    if (listeners === undefined) {
      listeners = new Set()
      this.#listeners.set(type, listeners)
    }
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Tells every listener of `type`, in the order in which they came. */
  emit<Type extends keyof EventMap>(type: Type, payload: EventMap[Type]): void {
    const listeners = this.#listeners.get(type)
    if (listeners === undefined) return
    for (const listener of [...listeners]) listener(payload as never)
  }
}
