import { readRuleFiles } from '../../alerts/rule-files.ts'
import { openCache } from '../../cache.ts'
import { checkAll } from '../../check/index.ts'
import type { Config } from '../../config.ts'
import { watchOn } from '../../kit/progress.ts'
import type { Io } from '../../kit/io.ts'
import type { LibraryEntry } from '../../library.ts'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { People } from '../../people.ts'
import { readRequirements } from '../../requirements.ts'
import { lastDrills } from './last-drills.ts'
import { readPeopleList } from './people/people-list.ts'

/** The findings on some documents of a workspace and on its list of people, which is returned too where it is valid. */
export async function checkEntries(
  config: Config,
  entries: readonly LibraryEntry[],
  io: Io,
): Promise<{ findings: Diagnostic[]; people: People | undefined }> {
  const { list, problems } = await readPeopleList(config, io)
  const { content, kinds, root, site, presence, rules } = config
  const requirements = readRequirements(content)
  const checked = await checkAll(entries, {
    cwd: io.cwd,
    content,
    kinds,
    root,
    site,
    ruleNames: () =>
      readRuleFiles(rules, root).files.flatMap((file) => file.rules.map(({ name }) => name.value)),
    now: Date.now(),
    cache: openCache(io.env),
    presence,
    drills: lastDrills(config),
    ...(requirements && { requirements }),
    watch: watchOn(io),
    ...(problems.length === 0 ? { people: list } : {}),
  })
  return { findings: [...checked, ...problems], people: list.people }
}
