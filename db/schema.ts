export * from './schema/assessments.ts'
export * from './schema/engine.ts'
export * from './schema/erp.ts'
export * from './schema/smart-sync.ts'
