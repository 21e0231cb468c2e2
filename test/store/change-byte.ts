import { readFileSync, writeFileSync } from 'node:fs'

/** Writes another byte in the place of one, and keeps the length. */
export function changeByte(path: string, position: number): void {
  const bytes = readFileSync(path)
  bytes[position] = (bytes[position] ?? 0) ^ 1
  writeFileSync(path, bytes)
}
