import type { Product } from '../../domain/product.ts'
import { stateOf } from '../installer/installer-options.ts'
import { readPayload } from '../installer/payload.ts'
import { rehearse } from '../installer/rehearsal/rehearse.ts'

/** Makes the installers of a release that is only rehearsed, without credentials. @returns each with what a verifier said of it */
export async function rehearseInstallers(
  repository: string,
  { version, commit }: Product,
  folder: string,
): Promise<string[]> {
  const what = { payload: undefined, title: undefined, publisher: undefined }
  const payload = await readPayload({ repository, ref: commit, version, ...what })
  const made = await rehearse(payload, folder)
  return made.map(({ record }) => `${record.name} ${stateOf(record)}`)
}
