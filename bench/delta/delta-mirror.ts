import type { Command, MeasuredProcess } from '../harness/measured-process.ts'
import { listening, mirrorCommand } from '../harness/mirror.ts'
import type { DeltaJob } from './delta-tool.ts'

/** nginx with what was put into the server's folder. */
export function mirrorOf({ address, port, serverDirectory }: DeltaJob): Command {
  return mirrorCommand({ address, port, root: serverDirectory, stateDirectory: serverDirectory })
}

/** Resolves when it listens, with the URL of that folder. */
export async function mirrorReady(server: MeasuredProcess, { address, port }: DeltaJob): Promise<string> {
  await listening(server, port)
  return `http://${address}:${port}`
}
