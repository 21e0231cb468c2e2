import type { Run } from './outcome.ts'
import { roundTo, type Spread, spreadOf } from './spread.ts'

/** Of one contestant: how often it ran, how often what it made was whole, and every metric's spread. */
export interface ClientSummary {
  readonly runs: number
  readonly intact: number
  readonly metrics: Readonly<Record<string, Spread>>
}

/** Every contestant, and distro's medians divided by those of each of the others. */
export interface Summary {
  readonly clients: Readonly<Record<string, ClientSummary>>
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** Condenses runs into medians, ranges and ratios; failed runs count as runs but not as measurements. */
export function summarise(runs: readonly Run[]): Summary {
  const names = [...new Set(runs.map((run) => run.client))].sort(ownFirst)
  const clients = Object.fromEntries(names.map((name) => [name, summariseClient(runs.filter((run) => run.client === name))]))
  const own = clients.distro
  const others = own ? names.filter((name) => name !== 'distro') : []
  const ratios = others.map((name) => [name, ratiosOf(own?.metrics ?? {}, clients[name]?.metrics ?? {})] as const)
  return { clients, ratios: Object.fromEntries(ratios) }
}

function summariseClient(runs: readonly Run[]): ClientSummary {
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))]
  const valuesOf = (metric: string): number[] => runs.flatMap((run) => run.metrics[metric] ?? [])
  return {
    runs: runs.length,
    intact: runs.filter((run) => run.intact).length,
    metrics: Object.fromEntries(metrics.map((metric) => [metric, spreadOf(valuesOf(metric))])),
  }
}

function ratiosOf(own: Readonly<Record<string, Spread>>, other: Readonly<Record<string, Spread>>): Record<string, number> {
  const shared = Object.keys(own).filter((metric) => (other[metric]?.median ?? 0) > 0)
  return Object.fromEntries(shared.map((metric) => [metric, roundTo(3, (own[metric]?.median ?? 0) / (other[metric]?.median ?? 1))]))
}

function ownFirst(a: string, b: string): number {
  return Number(b === 'distro') - Number(a === 'distro') || (a < b ? -1 : 1)
}
