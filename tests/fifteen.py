"""The attributes of the governance record that the reference design asks for, on every stage record."""

FIFTEEN = (
    "use_case_id",
    "use_case_name",
    "use_case_stage",
    "model_group",
    "model_version",
    "model_owner",
    "model_lob",
    "model_project",
    "model_stage",
    "model_status",
    "model_risk",
    "model_validation_metrics",
    "model_monitoring_metrics",
    "model_audit_timestamp",
    "model_audit_user",
)
