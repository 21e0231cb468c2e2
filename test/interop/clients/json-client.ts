import { Child } from '../../support/child.ts'
import { stoppedAtEnd } from '../../support/stopped-at-end.ts'
import { type Client, isMagnet, type Job, type RunningClient } from './client.ts'

/** One line of what our own peer scripts print. */
export interface PeerScriptEvent {
  readonly event: string
  readonly port?: number
  readonly peers?: readonly { readonly address: string; readonly client: string; readonly origins: number }[]
  readonly [field: string]: unknown
}

/** A client that also tells what it sees. */
export interface ScriptedClient extends RunningClient {
  event(name: string, accepts?: (event: PeerScriptEvent) => boolean, timeoutMs?: number): Promise<PeerScriptEvent>
}

/** Somebody else's client behind a peer script of ours. */
export interface ScriptedClientKind extends Client {
  start(job: Job): Promise<ScriptedClient>
}

/** Starts one of the peer scripts beside this file, which take a job as JSON and tell what happens as JSON lines. */
export async function startPeerScript(words: readonly string[], job: Job, extra: object): Promise<ScriptedClient> {
  const [command = '', ...before] = words
  const source = isMagnet(job.id) ? { magnet: job.id } : { torrent: job.id }
  const child = stoppedAtEnd(new Child(command, [...before, JSON.stringify({ ...job, ...source, ...extra })]))
  const listening = await eventOf(child, 'listening')
  return {
    child,
    port: listening.port ?? 0,
    event: (name, accepts, timeoutMs) => eventOf(child, name, accepts, timeoutMs),
    async finished(timeoutMs = 60_000) {
      await eventOf(child, 'finished', undefined, timeoutMs)
    },
  }
}

function eventOf(
  child: Child,
  name: string,
  accepts: (event: PeerScriptEvent) => boolean = () => true,
  timeoutMs = 60_000,
): Promise<PeerScriptEvent> {
  return child.find(
    `event "${name}"`,
    (line) => {
      if (!line.startsWith('{')) return undefined
      const event = JSON.parse(line) as PeerScriptEvent
      return event.event === name && accepts(event) ? event : undefined
    },
    timeoutMs,
  )
}
