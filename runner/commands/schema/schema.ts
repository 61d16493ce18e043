import { elementTypes, frontmatterSchema } from '../../authoring/schema.ts'
import { kinds } from '../../kinds/all.ts'
import type { Call } from '../../kit/command.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'

export async function run({ io, positionals }: Call): Promise<number> {
  const [what] = positionals
  if (what === 'frontmatter') io.out(JSON.stringify(frontmatterSchema(), undefined, 2))
  else if (what === 'elements') io.out(elementTypes(kinds))
  else throw new CliError(exit.usage, `There is no schema \`${what}\``, 'Write `frontmatter` or `elements`.')
  return exit.done
}
