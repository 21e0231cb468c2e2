const periodMs = 50

/** Asks again and again until `ask` gives something other than undefined, for programs that tell only when asked. */
export async function until<Answer>(what: string, ask: () => Promise<Answer | undefined>, timeoutMs = 60_000): Promise<Answer> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`no ${what} within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, periodMs))
  }
}
