import { Parcel } from './parcel.ts'

/** Parcels that were read and can be used again: most are a single `have`, and there are millions of them. */
export class ParcelPool {
  readonly #free: Parcel[] = []

  take(): Parcel {
    return this.#free.pop() ?? new Parcel()
  }

  /** `parcel` was read; nobody else may hold it. */
  giveBack(parcel: Parcel): void {
    parcel.clear()
    this.#free.push(parcel)
  }
}
