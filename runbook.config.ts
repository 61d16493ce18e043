import type { ConfigFile } from './runner/config-schema.ts'

export default { rules: ['scripts/lab/alerts.yml'] } satisfies ConfigFile
