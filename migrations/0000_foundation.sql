CREATE TABLE `config` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `conflicts` (
	`id` text PRIMARY KEY NOT NULL,
	`lane` text NOT NULL,
	`link` text NOT NULL,
	`scope` text NOT NULL,
	`part` text,
	`tbl` text NOT NULL,
	`key` text NOT NULL,
	`col` text,
	`kind` text NOT NULL,
	`base` text,
	`ours` text,
	`theirs` text,
	`detail` text NOT NULL,
	`recommendations` text DEFAULT '[]' NOT NULL,
	`opened_at` integer NOT NULL,
	`run_id` text,
	`resolved_at` integer,
	`resolution` text,
	`resolved_by` text,
	`notes` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `conflicts_open` ON `conflicts` (`lane`,`opened_at`) WHERE resolved_at IS NULL;--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`webhook_id` text NOT NULL,
	`type` text NOT NULL,
	`body` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`last_error` text,
	`created_at` integer NOT NULL,
	`next_at` integer NOT NULL,
	`sent_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `deliveries_pending` ON `deliveries` (`next_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`name` text NOT NULL,
	`token_id` text NOT NULL,
	`paired_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `history` (
	`lane` text NOT NULL,
	`version` integer NOT NULL,
	`n` integer NOT NULL,
	`tbl` text NOT NULL,
	`key` text NOT NULL,
	`op` text NOT NULL,
	`before` text,
	`after` text,
	`why` text,
	`origin` text NOT NULL,
	`actor` text NOT NULL,
	`run_id` text,
	`at` integer NOT NULL,
	`prev_version` integer NOT NULL,
	PRIMARY KEY(`lane`, `version`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `inbox_heads` (
	`lane` text NOT NULL,
	`tbl` text NOT NULL,
	`version` integer NOT NULL,
	PRIMARY KEY(`lane`, `tbl`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `lanes` (
	`lane` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`epoch` integer NOT NULL,
	`commit_id` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `link_pages` (
	`link` text NOT NULL,
	`scope` text NOT NULL,
	`page` text NOT NULL,
	`rows` text NOT NULL,
	`live` integer NOT NULL,
	`warnings` text DEFAULT '[]' NOT NULL,
	`run_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`link`, `scope`, `page`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `link_state` (
	`link` text NOT NULL,
	`scope` text NOT NULL,
	`lane` text NOT NULL,
	`fingerprints` text DEFAULT '{}' NOT NULL,
	`memory` text DEFAULT 'null' NOT NULL,
	`inbox` text DEFAULT '{}' NOT NULL,
	`last_full_at` integer,
	`last_check_at` integer,
	`attempt` integer DEFAULT 0 NOT NULL,
	`next_due_at` integer NOT NULL,
	`last_run_id` text,
	`last_status` text,
	`trouble` text,
	`deletions` text DEFAULT '{}' NOT NULL,
	PRIMARY KEY(`link`, `scope`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `link_writes` (
	`run_id` text NOT NULL,
	`part` text NOT NULL,
	`n` integer NOT NULL,
	`cells` text NOT NULL,
	`outcome` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`run_id`, `part`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `pins` (
	`tbl` text NOT NULL,
	`key` text NOT NULL,
	`col` text NOT NULL,
	`lane` text NOT NULL,
	`value` text NOT NULL,
	`source` text NOT NULL,
	`actor` text NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`until` integer,
	`at` integer NOT NULL,
	PRIMARY KEY(`tbl`, `key`, `col`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `pins_lane` ON `pins` (`lane`,`tbl`);--> statement-breakpoint
CREATE TABLE `pushes` (
	`lane` text NOT NULL,
	`id` text NOT NULL,
	`content` text NOT NULL,
	`answer` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`lane`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`link` text NOT NULL,
	`scope` text NOT NULL,
	`lane` text NOT NULL,
	`trigger` text NOT NULL,
	`params` text NOT NULL,
	`actor` text NOT NULL,
	`status` text NOT NULL,
	`checkpoint` text,
	`report` text NOT NULL,
	`enqueued_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	`lease_until` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `runs_unfinished` ON `runs` (`lane`,`id`) WHERE finished_at IS NULL;--> statement-breakpoint
CREATE TABLE `tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`role` text NOT NULL,
	`user_id` text,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`active` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `account_snapshots` (
	`account_id` text NOT NULL,
	`day` text NOT NULL,
	`followers` integer,
	`likes` integer,
	`comments` integer,
	`videos` integer,
	`views` integer,
	`at` integer NOT NULL,
	PRIMARY KEY(`account_id`, `day`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`platform` text NOT NULL,
	`profile_url` text NOT NULL,
	`profile_url_key` text NOT NULL,
	`username` text,
	`followers` integer,
	`likes` integer,
	`comments` integer,
	`videos` integer,
	`views` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_profile` ON `accounts` (`project_id`,`profile_url_key`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE TABLE `metric_readings` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`metric` text NOT NULL,
	`source` text NOT NULL,
	`value` integer NOT NULL,
	`at` integer NOT NULL,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`workspace_id` text NOT NULL,
	`name` text NOT NULL,
	`active` integer DEFAULT 1 NOT NULL,
	`tab` text NOT NULL,
	`time_zone` text DEFAULT 'UTC' NOT NULL,
	`owner` text,
	`write_back` integer DEFAULT 0 NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `workspaces` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`spreadsheet_id` text NOT NULL
) WITHOUT ROWID;
