import { elementTypes, frontmatterSchema } from '../../authoring/schema.ts'
import { kinds } from '../../kinds/all.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'

export async function run({ io, args }: Request): Promise<number> {
  io.out(
    args.schema === 'frontmatter' ? JSON.stringify(frontmatterSchema(), undefined, 2) : elementTypes(kinds),
  )
  return exit.done
}
