import { toHex } from '../base/bytes.ts'
import type { DhtContact } from './krpc-answer.ts'

/** A node that answered, and what it wants to see again when we announce. */
export interface NearNode extends DhtContact {
  readonly token: Uint8Array | undefined
  readonly answeredMs: number
}

/**
 * The nodes nearest to one info-hash (by XOR, BEP 5) among those that answered. They are the ones that keep its peers,
 * so asking them again is a look-up that costs a handful of datagrams.
 */
export class NearestNodes {
  readonly #target: Uint8Array
  readonly #limit: number
  #nodes: NearNode[] = []

  constructor(target: Uint8Array, limit: number) {
    this.#target = target
    this.#limit = limit
  }

  /** Puts `node` in, in place of an older answer of its own, if it is near enough. */
  add(node: NearNode): void {
    const id = toHex(node.id)
    const others = this.#nodes.filter((other) => toHex(other.id) !== id)
    const place = others.findIndex((other) => this.#isNearer(node.id, other.id))
    others.splice(place < 0 ? others.length : place, 0, node)
    this.#nodes = others.slice(0, this.#limit)
  }

  /** Takes out a node that no longer answers. */
  delete(node: NearNode): void {
    this.#nodes = this.#nodes.filter((other) => other.host !== node.host || other.port !== node.port)
  }

  /** The nearest `count`, nearest first. */
  first(count: number): readonly NearNode[] {
    return this.#nodes.slice(0, count)
  }

  #isNearer(left: Uint8Array, right: Uint8Array): boolean {
    for (let index = 0; index < this.#target.length; index++) {
      const target = this.#target[index] as number
      const difference = ((left[index] as number) ^ target) - ((right[index] as number) ^ target)
      if (difference !== 0) return difference < 0
    }
    return false
  }
}
