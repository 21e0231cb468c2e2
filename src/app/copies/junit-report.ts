/** One test case of a JUnit report. */
export interface JunitCase {
  readonly name: string
  /** What it is listed under. */
  readonly group: string
  readonly seconds: number
  readonly verdict: 'passed' | 'failed' | 'skipped'
  /** Why it did not pass. */
  readonly message?: string | undefined
}

/** What a JUnit report is made of. */
export interface JunitSuite {
  readonly name: string
  readonly startedAt: Date
  readonly seconds: number
  readonly cases: readonly JunitCase[]
}

/**
 * A suite of test cases in the XML that JUnit's task for Ant made common: it has every element and attribute that one of the schemas in use
 * asks for, in their order. What XML 1.0 cannot hold becomes U+FFFD.
 */
export function junitReport({ name, startedAt, seconds, cases }: JunitSuite): string {
  const count = (verdict: JunitCase['verdict']): number => cases.filter((one) => one.verdict === verdict).length
  const suite = attributes({
    name,
    package: 'distro',
    id: '0',
    hostname: 'localhost',
    timestamp: startedAt.toISOString().slice(0, 19),
    tests: String(cases.length),
    failures: String(count('failed')),
    errors: '0',
    skipped: String(count('skipped')),
    time: inSeconds(seconds),
  })
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${suite}>`,
    '    <properties/>',
    ...cases.map(caseElement),
    '    <system-out/>',
    '    <system-err/>',
    '  </testsuite>',
    '</testsuites>',
  ]
  return `${lines.join('\n')}\n`
}

function caseElement({ name, group, seconds, verdict, message = '' }: JunitCase): string {
  const start = `    <testcase${attributes({ name, classname: `distro.${group}`, time: inSeconds(seconds) })}`
  if (verdict === 'passed') return `${start}/>`
  const why = verdict === 'failed' ? `<failure${attributes({ message, type: 'missing' })}/>` : `<skipped${attributes({ message })}/>`
  return `${start}>${why}</testcase>`
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('')
}

function inSeconds(seconds: number): string {
  return Math.max(0, seconds).toFixed(3)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

function escapeXml(text: string): string {
  const known = text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
  return known.replace(/[^\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
}
