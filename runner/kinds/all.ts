import { loadKinds } from './index.ts'
import type { Kind } from './kind.ts'

/** Every step kind, loaded: for whoever reads documents or shows them. */
export const kinds: readonly Kind[] = await loadKinds()

export { kindNamed } from './index.ts'
