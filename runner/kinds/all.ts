import { loadKinds } from './index.ts'

await loadKinds()

/** Every step kind, loaded: for whoever reads documents or shows them. */
export { kindNamed, loadedKinds as kinds } from './index.ts'
