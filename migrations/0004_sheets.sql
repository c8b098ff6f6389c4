CREATE TABLE `link_rows` (
	`link` text NOT NULL,
	`scope` text NOT NULL,
	`part` text NOT NULL,
	`key` text NOT NULL,
	`base` text NOT NULL,
	`disputes` text,
	PRIMARY KEY(`link`, `scope`, `part`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `link_rows_disputed` ON `link_rows` (`link`,`scope`,`part`) WHERE disputes IS NOT NULL;--> statement-breakpoint
CREATE TABLE `dynamic_rates` (
	`id` text(100) PRIMARY KEY NOT NULL,
	`range_from` integer NOT NULL,
	`range_to` integer,
	`rate` real NOT NULL,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `employee_settings` (
	`id` text(100) PRIMARY KEY NOT NULL,
	`name` text(200),
	`hourly_wage` integer NOT NULL,
	`commission` real NOT NULL,
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `ranks` (
	`id` text(100) PRIMARY KEY NOT NULL,
	`name` text(200) NOT NULL,
	`min_amount` integer NOT NULL,
	`max_amount` integer,
	`bonus` integer,
	`emoji` text(20),
	`edited_at` integer,
	`version` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`origin` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `link_state` ADD `target` text;--> statement-breakpoint
CREATE INDEX `link_writes_unheard` ON `link_writes` (`part`) WHERE outcome IS NULL;