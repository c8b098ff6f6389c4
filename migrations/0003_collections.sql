CREATE TABLE `admins` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text(100) NOT NULL,
	`name` text(200),
	`email` text(320),
	`role` text(50),
	`username_key` text,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `admins_username` ON `admins` (`username_key`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE TABLE `config_history` (
	`key` text NOT NULL,
	`at` integer NOT NULL,
	`n` integer NOT NULL,
	`value` text,
	`actor` text NOT NULL,
	PRIMARY KEY(`key`, `at`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sync_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`nudge` text,
	`device` text,
	`user_id` text,
	`trigger` text NOT NULL,
	`started_at` integer NOT NULL,
	`status` text NOT NULL,
	`finished_at` integer,
	`pushed` text DEFAULT '{}' NOT NULL,
	`pulled` text DEFAULT '{}' NOT NULL,
	`conflicts` text DEFAULT '{}' NOT NULL,
	`error` text,
	`lease_until` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `sync_logs_nudge` ON `sync_logs` (`nudge`) WHERE nudge IS NOT NULL;--> statement-breakpoint
DROP INDEX `conflicts_open`;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `op` text;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `holder` text;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `origin` text;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `said_at` integer;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `version` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `conflicts` ADD `resolved_version` integer;--> statement-breakpoint
CREATE INDEX `conflicts_row` ON `conflicts` (`tbl`,`key`) WHERE resolved_at IS NULL;