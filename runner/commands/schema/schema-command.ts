import {
  elementTypes,
  frontmatterSchema,
  peopleFileSchema,
  scenariosFileSchema,
} from '../../authoring/editor-schema.ts'
import { kinds } from '../../kinds/all.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'

const texts = {
  frontmatter: () => JSON.stringify(frontmatterSchema(), undefined, 2),
  people: () => JSON.stringify(peopleFileSchema(), undefined, 2),
  scenarios: () => JSON.stringify(scenariosFileSchema(), undefined, 2),
  elements: () => elementTypes(kinds),
}

export async function run({ io, args }: Request): Promise<number> {
  io.out(texts[args.schema]())
  return exit.done
}
