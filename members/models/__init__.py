"""Tables of this app."""

from members.models.admission_desk import AdmissionDesk
from members.models.bank_file import BankFile, BankLine
from members.models.distinct_pair import DistinctPair
from members.models.fee import FeeBalance, FeeCall, FeeCampaign, FeeExemption, FeePayment, FeeScale
from members.models.fee_notice import FeeNotice
from members.models.import_file import ImportFile, ImportRow
from members.models.member import Member
from members.models.membership import Membership, Removal, Suspension
from members.models.place import PracticePlace, Representative
from members.models.professional import DirectoryEdition, Professional
from members.models.saved_view import SavedView
from members.models.statutes import StatutesCollege, StatutesVersion, VotingCollege

__all__ = [
    "AdmissionDesk",
    "BankFile",
    "BankLine",
    "DirectoryEdition",
    "DistinctPair",
    "FeeBalance",
    "FeeCall",
    "FeeCampaign",
    "FeeExemption",
    "FeeNotice",
    "FeePayment",
    "FeeScale",
    "ImportFile",
    "ImportRow",
    "Member",
    "Membership",
    "PracticePlace",
    "Professional",
    "Removal",
    "Representative",
    "SavedView",
    "StatutesCollege",
    "StatutesVersion",
    "Suspension",
    "VotingCollege",
]
