import type { ConfigFile } from './runner/config.ts'

export default { rules: ['scripts/lab/alerts.yml'] } satisfies ConfigFile
