"""Which columns of each table a person sees, on a terminal and on a page; machine formats have them all."""

from __future__ import annotations

from rollforward.text import N_
from rollforward.text.explained import VIEWS as EXPLAINED
from rollforward.text.view import View
from rollforward.text.view import view as _view

_BY = "by_plan by_product by_add_on by_seats by_usage by_price by_discount by_other"

VIEWS: dict[str, View] = {
    "mrr": _view(
        N_("MRR roll-forward"),
        "period segment opening restatement new reactivation expansion contraction churn fx transfer adjustment "
        "closing",
        "restatement fx transfer adjustment",
        "accounts_closing accounts_new accounts_churned accounts_reactivated accounts_expanded accounts_contracted",
    ),
    "metrics": _view(
        N_("Metrics"),
        "period segment mrr accounts arpa ndr_12 grr_12 quick_ratio expansion_rate",
        "",
        "arr logo_churn ndr_1 grr_1 ndr_3 grr_3 expansion_growth expansion_share expansion_share_of_net_new "
        "is_net_negative net_negative_streak ltv",
    ),
    "expansion": _view(
        N_("Expansion MRR (movements) by driver"),
        f"period segment expansion {_BY} expansion_rate",
        _BY,
        "expansion_growth from_opening from_newcomers expansion_share expansion_share_of_net_new accounts_expanded",
    ),
    "drivers": _view(N_("Drivers"), f"period segment movement amount {_BY}", _BY, "accounts"),
    "retention": _view(
        N_("Retention"),
        "window_end segment product ndr ndr_interval band grr grr_interval logo_retention",
        "",
        "opening expansion contraction churn closing accounts_opening accounts_lost largest_account_share",
    ),
    "bridge": _view(
        N_("Bridge of NDR: rate and mix"),
        "segment weight_before weight_after ndr_before ndr_after rate mix contribution",
        "",
        "is_small net_share rate_interval mix_interval contribution_interval accounts_before accounts_after",
    ),
    "accounts": _view(N_("Accounts"), "on_date account_id segment movement amount before after movements", "", "kept"),
    "movements": _view(N_("Movements"), "on_date account_id segment movement amount before after drivers", "", "kept"),
    "ledger": _view(
        N_("Ledger rows"),
        "on_date account_id item_id delta drivers source_ref",
        "",
        "plan_id rule subscription_id product_id",
    ),
    "sources": _view(N_("Source rows"), "ref recorded_at row"),
    "restatements": _view(
        N_("Restatements of closed periods"),
        "period account_id measure as_closed as_known_now difference cause source_ref",
        "",
        "recorded_at",
    ),
    "reconcile": _view(
        N_("Differences and their reasons"), "period account_id ours theirs difference reason amount", "", "measure"
    ),
    "account_list": _view(
        N_("Accounts as they stand"),
        "account_id name state mrr change_30 plan_id owner",
        "",
        "change_12 first_on changed_on movement contract_ends items country industry email peak product_id",
    ),
    "steps": _view(N_("Changes of MRR"), "on_date movement amount after drivers source_ref", "", "before"),
    "items": _view(
        N_("What it has now"),
        "product_id plan_id status quantity unit_price interval discount_share discount_ends mrr since",
        "discount_share discount_ends",
        "item_id subscription_id cancel_on terms_since source_ref",
    ),
    "usage": _view(N_("Use of the last 12 months"), "period metric quantity limit share"),
    "contracts": _view(
        N_("Contracts"),
        "contract_id starts ends days_to_end notice_on auto_renew amount owner",
        "",
        "days_to_notice counts source_ref",
    ),
    "events": _view(
        N_("Events"), "at kind person outcome text", "", "channel tag value owner discount_share source_ref"
    ),
    "attributes": _view(N_("Attributes"), "dimension value valid_from recorded_at source_ref", "", "account_id"),
    "links": _view(N_("Links"), "from_id to_id kind valid_from", "", "recorded_at source_ref"),
    "scheduled": _view(N_("Recorded to take effect later"), "on_date movement amount before after"),
    "kept": _view(N_("What is left of its first month"), "cohort opening mrr ndr grr"),
    "signals": _view(
        N_("Signals"),
        "signal account_id mrr sentence",
        "",
        "name owner since due_on is_on",
    ),
    "backtest": _view(
        N_("How right signals were"),
        "signal verdict shown peer_rate precision lift lift_interval recall lead_days",
        "",
        "claim base_rate seen right looks is_on",
    ),
    "risks": _view(
        N_("Chance of each account"), "account_id mrr probability mrr_likely reasons", "", "name owner base_rate"
    ),
    "score_report": _view(
        N_("How good the scores were"),
        "method verdict base_rate pr_auc auc auc_interval lift lift_interval within_lift within_interval brier skill",
        "",
        "over_rule over_rule_interval seen came calibrated_by "
        "looks_trained looks_calibrated looks_tested trained_from known_by tested_from "
        "tested_to",
    ),
    "score_deciles": _view(
        N_("What was told and what came"), "decile seen probability came_share came_interval", "", "accounts"
    ),
    "headroom": _view(
        N_("Headroom"),
        "account_id mrr headroom next_tier add_ons products",
        "",
        "name owner top_tier options",
    ),
    "headroom_options": _view(N_("Steps that would raise MRR"), "account_id kind plan_id quantity gain is_next"),
    "cross_sell": _view(
        N_("What accounts like it add next"),
        "account_id offered gain trait accounts added share lift lift_interval",
        "",
        "plan_id base_share added_90",
    ),
    "headroom_total": _view(
        N_("Headroom in all"),
        "mrr headroom next_tier add_ons products mrr_at_ceiling ceiling_share",
        "",
        "accounts accounts_at_ceiling",
    ),
    "opportunities": _view(
        N_("Opportunities"),
        "opportunity account_id kind stage owner gain probability weighted due_on blocked offer_from",
        "",
        "offered signals outcome",
    ),
    "offers": _view(N_("Offers made"), "contact account_id opportunity channel offered_at person outcome"),
    "fatigue": _view(
        N_("Response by how-many-th offer"), "nth_offer accounts accepted declined share share_low share_high is_small"
    ),
    "worked-effect": _view(
        N_("What plays did"),
        "kind channel compared result after_days worked share_with share_without effect effect_interval needed",
        "channel",
        "treated others still_running offered_share",
    ),
    "worked-held": _view(
        N_("Beside those held out"),
        "kind result after_days worked share_with share_without effect effect_interval treated others needed",
        "",
        "still_running offered_share",
    ),
    "worked-matched": _view(
        N_("Beside accounts like them"),
        "kind channel result after_days worked share_with share_without effect effect_interval treated others",
        "",
        "still_running",
    ),
    "worked-money": _view(
        N_("MRR that plays added, per account"),
        "kind channel compared treated others gain_with gain_without gain_effect gain_interval",
        "channel",
        "after_days",
    ),
    "worked-offers": _view(
        N_("Who grew and who stayed after which offer"),
        "nth_offer kind result after_days treated others still_running share_with share_without effect effect_interval",
    ),
    "worked-balance": _view(
        N_("How alike matched groups are"),
        "kind channel covariate mean_treated mean_others mean_matched apart_before apart_after likeness",
        "channel",
        "treated others",
    ),
    "worked-accounts": _view(
        N_("Who was drawn"), "account_id kind arm drawn_on offered_on mrr_before mrr_now result", "", "channel is_over"
    ),
    "notice_funnel": _view(N_("In-app notices"), "notice_step notices share"),
    "handovers": _view(N_("Hand-overs"), "handed_at opportunity account_id from_owner to_owner comment"),
    "deliveries": _view(
        N_("Deliveries"), "delivery event opportunity account_id told_at tries delivered said next_try"
    ),
    "conflicts": _view(N_("Accounts with several owners or contacts"), "account_id conflict persons"),
    "signal_kinds": _view(N_("Signals by kind"), "signal claim is_on accounts mrr"),
    "imports": _view(
        N_("Imports"),
        "commit_id committed_at kind rows_read rows_accepted rows_refused note",
        "",
        "rows_known retracts",
    ),
    "durability": _view(
        N_("Expansions still held"),
        "segment driver discount channel offer age_months made held held_interval money_held money_interval",
        "",
        "partly fully churned at_risk made_mrr",
    ),
    "economics": _view(
        N_("What new and expansion MRR cost"),
        "period spend_new new_mrr cost_new spend_expansion expansion_mrr cost_expansion cost_blended",
        "",
        "payback_new payback_expansion cost_account accounts_new spend_retention",
    ),
    "lifetime": _view(
        N_("What an account has been worth"),
        "horizon_months lifetime_value lifetime_without expansion_part accounts cohorts",
    ),
    "voice-coverage": _view(
        N_("Who looks after accounts"),
        "account_owner accounts mrr touched touched_mrr_share tickets last_touch_days",
    ),
    "voice-milestones": _view(
        N_("How soon accounts reach milestones"),
        "milestone accounts within_7 within_30 within_90 left_before median_days",
    ),
    "voice-landmark": _view(
        N_("Who stays, by what had been reached"),
        "milestone has_reached accounts stayed_3 stayed_6 stayed_12 stayed_12_interval",
    ),
    "voice-themes": _view(
        N_("What accounts say"), "event_kind theme accounts mrr times open days_to_outcome left_share judged"
    ),
    "voice-adoption": _view(N_("Features used, by how long accounts have paid"), "tenure accounts features"),
    "plan": _view(
        N_("What the target asks for"),
        "lever now now_mrr if_alone part_of_gap planned planned_mrr change_mrr",
    ),
    "plays": _view(
        N_("Plays by what they bring for their cost"),
        "play lever reach mrr_expected mrr_interval cost per_cost per_cost_low per_cost_high",
        "",
        "cost_of_one",
    ),
    "findings": _view(N_("What stands out"), "mrr sentence accounts asked_by"),
    "forecast": _view(
        N_("MRR ahead, by movement"),
        "period opening new reactivation expansion contraction churn closing closing_interval",
        "reactivation",
        "recorded renewing",
    ),
    "forecast_scores": _view(
        N_("How such forecasts would have done"), "horizon_ahead forecast_by mape mase covered origins"
    ),
    "benchmarks": _view(
        N_("Published figures beside one's own"),
        "metric peer_segment publisher year statistic published own standing",
        "",
        "own_interval sample population n report",
    ),
    "pricing-moves": _view(
        N_("Moves between plans"),
        "direction from_plan to_plan moves accounts amount last_90 last_365 used_before last_on",
        "",
        "again first_on",
    ),
    "pricing-limits": _view(
        N_("How plans' limits fit"), "plan_id metric accounts used_median used_little used_near used_over fit"
    ),
    "pricing-steps": _view(
        N_("Steps of the price list"),
        "plan_id next_plan interval list_price next_list_price step accounts moved_up moved_up_share",
    ),
    "pricing-requests": _view(
        N_("What accounts ask for"), "request accounts mrr large_accounts times still_open first_on last_on"
    ),
    "pricing-add_ons": _view(N_("Who has add-ons"), "product_id accounts share share_large share_others"),
    "unsustainable": _view(
        N_("Unsustainable expansion"),
        "segment driver discount channel offer made made_mrr unsustainable unsustainable_mrr unsustainable_share "
        "later_cost watched watched_mrr",
    ),
    "uplifts": _view(
        N_("Expansions one by one"),
        "made_on account_id uplift held_now driver discount_share fate ended_on",
        "",
        "offer channel watched_days is_unsustainable",
    ),
    "goals": _view(
        N_("Goals"),
        "goal_id goal_metric goal_period goal_where owner currency target_mrr actual_mrr forecast_mrr target_share "
        "actual_share forecast_share attainment elapsed on_pace",
        "goal_where owner target_mrr actual_mrr forecast_mrr target_share actual_share forecast_share",
        "last_year_share forecast_from",
    ),
    "goal_versions": _view(
        N_("Versions of goals"), "goal_id goal_metric goal_period goal_where owner goal_target set_by set_at"
    ),
    "commission": _view(
        N_("Commission, a preview"), "made_on account_id owner uplift clawed_back durable_uplift commission is_settled"
    ),
    "renewals": _view(
        N_("Renewals ahead"),
        "due_on account_id mrr notice_on used next_step machine owner_call leader_call",
        "",
        "owner ends_what subject auto_renew term_amount expansions contractions tickets_90 headroom machine_chance "
        "machine_mrr sentence",
    ),
    "renewal-calendar": _view(N_("Renewals by month"), "period renewals mrr machine_mrr owner_mrr leader_mrr"),
    "renewals-past": _view(
        N_("Renewals past"),
        "due_on account_id up_mrr after_mrr renewal_outcome machine owner_call leader_call",
        "",
        "ends_what subject owner",
    ),
    "renewal-rate": _view(
        N_("Renewal rate"),
        "period renewals kept_accounts renewal_rate rate_interval up_mrr money_rate money_rate_interval net_rate",
        "",
        "kept_mrr",
    ),
    "renewal-scores": _view(
        N_("Whose calls were right"),
        "voice calls hits hit_rate hit_interval with_chance brier brier_base amount_error amount_miss",
        "",
        "expected_mrr after_mrr",
    ),
    "quote": _view(
        N_("What changes, and what it costs"),
        "quote_part plan_id quantity net_amount days_counted days_in_period prorated mrr",
        "",
        "interval amount discount_share discount_ends period_start period_end product_id is_changed",
    ),
    "quote-totals": _view(
        N_("What is due, and what MRR becomes"),
        f"credit charge due_now credit_left next_bill_on next_bill mrr_before mrr_after mrr_change {_BY} discount_cost "
        "mrr_later",
        f"{_BY} credit_left discount_cost",
        "on_date valid_until",
    ),
    "quote-reasons": _view(
        N_("What in its use calls for it"),
        "sentence used_quantity limit_now limit_after used_after",
        "",
        "metric",
    ),
    "value": _view(
        N_("What its use is worth to it, by your own unit values"),
        "period metric words used_quantity unit_worth worth worth_source",
    ),
    "quotes": _view(
        N_("Quotes"),
        "quote account_id quote_status mrr_change due_now discount_share valid_until hours_to_quote came_mrr",
        "discount_share",
        "quote_version needs_approval on_date author approved_person quoted_at answered_at came_on is_as_quoted",
    ),
    "contact-days": _view(N_("When it may be offered something"), "contact_channel may_be_offered offer_from blocked"),
    "users": _view(N_("Users"), "name role is_active created_at"),
    "tokens": _view(N_("Tokens"), "token_id name role owner is_valid expires_at", "", "used_at created_at revoked_at"),
    "audit": _view(N_("Audit log"), "audit_id at who action target", "", "role address detail"),
} | EXPLAINED
