"""polars_w FOLDER OUT THREADS: workload W in Polars. Lazy, so that it chooses the order of the steps itself; an empty text stands for none."""
import os
import sys

os.environ["POLARS_MAX_THREADS"] = sys.argv[3]
import polars as pl  # noqa: E402

from rules import (ADDRESS_ANY, ADDRESS_ASCII, ADDRESS_CARRIER, APPLE, COLUMNS, CREDIT, GMAIL, GRACE, REPLY, REPLY_BY, SUNSET, TAGS, WINBACK, Laps, to_ascii)

folder, out = sys.argv[1:3]
laps = Laps("Polars", pl.__version__)
col, lit, when = pl.col, pl.lit, pl.when


def read(name):
    return pl.scan_csv(f"{folder}/{name}.csv", infer_schema=False, empty_string_is_null=False)


def lower(name):
    return col(name).str.strip_chars(" ").str.to_lowercase()


def day(name):
    return col(name).str.head(10)


# One text for all spellings that reach one mailbox.
name = col("e").str.split_exact("@", 1).struct.field("field_0").str.split_exact("+", 1).struct.field("field_0")
mailbox = (
    when(col("e").str.contains(GMAIL)).then(pl.concat_str(name.str.replace_all(".", "", literal=True), lit("@gmail.com")))
    .when(col("e").str.contains("+", literal=True) & col("e").str.contains(TAGS)).then(col("e").str.replace("[+][^@]*@", "@")).otherwise(col("e"))
)
complaint = col("Reason") == "COMPLAINT"
entries = pl.concat([
    read("supp_mailgun").select(lower("address").alias("e"), lit(2).alias("class"), day("created_at").alias("bounced")),
    read("supp_sendgrid").select(lower("email").alias("e"), lit(4).alias("class"), lit("").alias("bounced")),
    read("supp_ses").select(lower("EmailAddress").alias("e"), when(complaint).then(1).otherwise(2).alias("class"), when(complaint).then(lit("")).otherwise(day("LastUpdateTime")).alias("bounced")),
]).with_columns(mailbox.alias("box")).collect()
listed = entries.group_by("e").agg(complaint=(col("class") == 1).any(), hard=(col("class") == 2).any(), invalid=(col("class") == 4).any(), bounced=col("bounced").max())
aliases = entries.filter(col("box").str.ends_with("@gmail.com") | (col("box") != col("e"))).group_by("box").agg(alias_complaint=(col("class") == 1).any())
del entries
laps.lap("suppressions")
host = col("e").str.splitn("@", 2).struct.field("field_1").fill_null("")
ascii_only = col("e").str.len_bytes() == col("e").str.len_chars()
signs = pl.max_horizontal("last_click_at", "last_purchase_at")
frame = read("list").with_row_index("r").with_columns(col("email").str.strip_chars(" ").str.replace("[.]$", "").str.to_lowercase().alias("e")).with_columns(
    ((col("e").str.len_bytes() <= 254) & (col("e").str.find("@", literal=True).fill_null(0) <= 64) & (
        when(ascii_only).then(col("e").str.contains(f"^(?:{ADDRESS_ASCII})$")).otherwise(col("e").str.contains(f"^(?:{ADDRESS_ANY})$")) | col("e").str.contains(f"^(?:{ADDRESS_CARRIER})$"))).alias("ok"),
    mailbox.alias("box"), signs.alias("strong"), when(col("e").str.contains(APPLE)).then(lit("")).otherwise(col("last_open_at")).alias("opened"),
).collect()
laps.lap("list")
frame = frame.join(listed, on="e", how="left", maintain_order="left").join(aliases, on="box", how="left", maintain_order="left")
no = lit(False)
hard, alias = col("hard").fill_null(no), col("alias_complaint")
contradicted = hard & (day("strong") > col("bounced"))
broken = (
    when(~col("e").str.contains("@", literal=True)).then(lit("no_at_sign")).when(col("e").str.count_matches("@", literal=True) > 1).then(lit("multiple_at_signs"))
    .when(col("e").str.contains(" ", literal=True)).then(lit("inner_whitespace")).when(col("e").str.ends_with("@")).then(lit("domain_empty"))
    .when(host.str.contains("(^|[.])-|-([.]|$)")).then(when(ascii_only).then(lit("domain_hyphen_placement")).otherwise(lit("domain_idna_invalid")))
    .when(host == "localhost").then(lit("domain_special_use")).when(col("e").str.contains("^[.]|[.][.]|[.]@")).then(lit("local_dot_placement")).otherwise(lit("invalid"))
)
frame = frame.with_columns(
    when(~col("ok")).then(broken).when(col("complaint").fill_null(no)).then(lit("suppressed_complaint")).when(hard & ~contradicted.fill_null(no)).then(lit("suppressed_bounce"))
    .when(col("invalid").fill_null(no)).then(lit("suppressed_invalid")).when(~hard & alias.fill_null(no)).then(lit("suppressed_alias")).alias("removed"),
    when(hard).then(lit("bounce_contradicted")).when(alias.is_not_null()).then(lit("suppressed_alias")).alias("held"),
)
laps.lap("look-up")
firsts = frame.filter(col("removed").is_null()).group_by("box").agg(col("r").min()).select("r", lit(True).alias("is_first"))
frame = frame.join(firsts, on="r", how="left", maintain_order="left")
laps.lap("duplicates")
sign = pl.max_horizontal("strong", "opened")
earlier = lambda a, b: when(b == "").then(a).otherwise(pl.min_horizontal(a, b))
idle_from = when(col("strong") != "").then(col("strong")).otherwise(earlier(col("signup_date"), col("opened")))
won = day("strong") >= day("winback_sent_at")
frame = frame.with_columns(
    when((col("winback_sent_at") != "") & won & (col("strong") >= WINBACK)).then(lit(""))
    .when((col("winback_sent_at") != "") & ~won).then(when(col("winback_sent_at") < REPLY).then(lit("winback_expired")).otherwise(lit("winback_pending")))
    .when((earlier(col("signup_date"), sign) >= GRACE) | (idle_from >= WINBACK)).then(lit(""))
    .when(idle_from >= SUNSET).then(when(col("opened") >= CREDIT).then(lit("")).otherwise(lit("winback_due")))
    .when(col("opened") >= CREDIT).then(lit("winback_due")).when(sign == "").then(lit("never_engaged")).otherwise(lit("dormant")).alias("engagement"),
)
gone = col("engagement").is_in(["winback_expired", "dormant", "never_engaged"])
removed, optout, unknown, later = col("removed").is_not_null(), col("consent") == "no", col("consent") == "", col("is_first").is_null()
frame = frame.with_columns(
    when((col("removed") == "inner_whitespace") & ~optout).then(lit("held")).when(removed | optout | later | gone).then(lit("removed"))
    .when(col("held").is_not_null() | unknown | (col("engagement") == "winback_pending")).then(lit("held"))
    .when(col("engagement") == "winback_due").then(lit("winback")).otherwise(lit("clean")).alias("verdict"),
    when(removed).then(col("removed")).when(optout).then(lit("column_optout")).when(later).then(lit("duplicate")).when(gone).then(col("engagement"))
    .when(col("held").is_not_null()).then(col("held")).when(unknown).then(lit("optin_unknown")).otherwise(col("engagement")).alias("reason"),
)
laps.lap("verdicts")
hosts = frame.lazy().filter(col("ok") & ~ascii_only).select(host.alias("host")).unique().collect()["host"].to_list()
idn = pl.DataFrame({"host": hosts, "written": [to_ascii(host) for host in hosts]}, schema={"host": pl.String, "written": pl.String})
laps.lap("internationalized domains")
local = col("email").str.strip_chars(" ").str.split_exact("@", 1).struct.field("field_0")
for name, more in ("clean", []), ("winback", [lit(REPLY_BY).alias("presend_reply_by")]):
    rows = frame.filter(col("verdict") == name).with_columns(host.alias("host")).join(idn, on="host", how="left", maintain_order="left")
    rows.select(pl.concat_str(local, lit("@"), pl.coalesce("written", "host")).alias("email"), *COLUMNS[1:], *more).write_csv(f"{out}/{name}.csv")
for name in "held", "removed":
    frame.filter(col("verdict") == name).select(*COLUMNS, col("reason").alias("presend_reason"), (col("r") + 1).alias("presend_row")).write_csv(f"{out}/{name}.csv")
laps.lap("write")
laps.done()
