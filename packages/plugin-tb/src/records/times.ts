export * from '@parix/kit/timestamps'
