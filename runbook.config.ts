import type { ConfigFile } from './runner/config-schema.ts'

export default { rules: ['scripts/lab/alerts.yml', 'content/rules/kpi.yml'] } satisfies ConfigFile
