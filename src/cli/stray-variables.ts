import { nearestWord } from './nearest-word.ts'
import { variableName } from './option.ts'

/** What a command of --on-done or --on-switch is told, which reaches a distro that it runs. */
const told = ['PATH', 'NAME', 'INFO_HASH', 'BYTES', 'VERB', 'RELEASE', 'PREVIOUS', 'CURRENT', 'RELEASES_DIR'].map(
  (word) => `DISTRO_${word}`,
)

/**
 * A sentence for each `DISTRO_` variable that no option reads, such as one that is misspelt; its value is not shown. `ownNames` are the options
 * of the verb, `knownNames` those of all, which are asked for only if a variable is none of the former.
 */
export async function strayVariables(
  env: Readonly<Record<string, string | undefined>>,
  ownNames: readonly string[],
  knownNames: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const own = new Set([...ownNames.map(variableName), ...told])
  const others = Object.keys(env).filter((name) => /^DISTRO_(?!WEB_SEED_AUTH_)/.test(name) && !own.has(name))
  if (others.length === 0) return []
  const known = (await knownNames()).map(variableName)
  return others
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearestWord(
        name.slice('DISTRO_'.length),
        known.map((each) => each.slice('DISTRO_'.length)),
      )
      const hint = near === undefined ? '`distro config` lists all settings.' : `Did you mean DISTRO_${near}?`
      return `The variable ${name} is not a setting. ${hint}`
    })
}
