import {
  elementTypes,
  frontmatterSchema,
  peopleFileSchema,
  scenariosFileSchema,
} from '../../authoring/editor-schema.ts'
import { makeKinds } from '../../kinds/index.ts'
import type { Request } from './index.ts'
import { exit } from '../../kit/exit.ts'

const texts = {
  frontmatter: () => JSON.stringify(frontmatterSchema(), undefined, 2),
  people: () => JSON.stringify(peopleFileSchema(), undefined, 2),
  scenarios: () => JSON.stringify(scenariosFileSchema(), undefined, 2),
  elements: async () => elementTypes((await makeKinds().load()).all),
}

export async function run({ io, args }: Request): Promise<number> {
  io.out(await texts[args.schema]())
  return exit.done
}
