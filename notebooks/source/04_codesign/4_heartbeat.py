# %% [markdown]
# # Co-design 4: the heart monitor
#
# The open challenge: from nothing to a program that watches hearts within a budget. There is no
# recipe here, only data, checks, a budget and a score.
#
# **You will be able to**
#
# - split data by patient, and say how much a random split overstates;
# - build features from what has happened already, and from nothing else;
# - train on rare classes, and choose a threshold by what a missed beat costs;
# - weigh accuracy against energy, memory and flash in one number, and defend it.
#
# Time: one class (60 minutes) and as much as you like afterwards. The whole notebook runs in under a
# minute on two processor cores.

# %%
import numpy as np

from tinylab import cost
from tinylab.course import Ledger, check
from tinylab.course.challenge.baseline import baseline_macro_f1, two_thresholds
from tinylab.course.challenge.measure import measure_program
from tinylab.course.challenge.score import BOARD, BUDGET, GATES, PRICES
from tinylab.course.challenge.text import as_text
from tinylab.data import heartbeats
from tinylab.deploy import litert
from tinylab.explore.codesign.heartbeat import heartbeat_explorer
from tinylab.explore.codesign.heartbeat_alarms import heartbeat_alarms_explorer
from tinylab.explore.codesign.heartbeat_price import heartbeat_price_explorer
from tinylab.explore.widget.predict import Prediction
from tinylab.graph import count, read_tflite
from tinylab.models import checkpoints, losses
from tinylab.models.networks.beat_cnn import add_to_class, beat_cnn
from tinylab.models.training import TrainingOptions, TrainingProfile, train
from tinylab.scoring import f1
from tinylab.scoring.heartbeat_results import measured_widths

# %% [markdown]
# ## The beat
#
# Each heartbeat is an electric wave that runs through the heart, and an electrocardiogram records it:
# a small **P** wave when the atria contract, the sharp **QRS** complex when the ventricles do, a broad
# **T** wave when they recover. A beat that begins in the wrong spot comes **early**, and its shape
# tells where it began:
#
# - **normal**: in turn; a *bundle branch block* makes the QRS complex wide, but the rhythm is right;
# - **atrial**: early, with a QRS complex like the others: the wave takes the usual way;
# - **ventricular**: early and wide, because the wave crawls through muscle.
#
# Move the sliders until you could tell the three apart. When does it become hard?

# %%
heartbeat_explorer()

# %% [markdown]
# ## The patients
#
# Sixty patients come with the workbook. None of them ever lived: they are drawn by a model of the
# heart (McSharry et al. 2003), each with a shape, a rhythm, a lead and a noise of its own. Their beats
# are labelled as the standard AAMI EC57 does. A window of 100 samples around each beat (125 a second)
# and four numbers on its rhythm are what a network gets.

# %%
recordings = heartbeats.load("train")
beats = heartbeats.beat_inputs(recordings)
print(f"{len(recordings)} patients, {len(beats):,} beats; inputs of shape {beats.x.shape}")
for number, name in enumerate(heartbeats.CLASSES):
    print(f"{name:>12}: {np.mean(beats.labels == number):.1%}")

# %% [markdown]
# A program that answers *normal* to everything would be right for most beats, and useless. Accuracy
# does not see that. **F1** does: of each class it asks how many alarms are right (precision) and how many
# beats are found (recall), and takes their harmonic mean. The **macro F1** is the mean over the classes,
# so that a rare class counts as much as a frequent one.

# %% exercise="macro_f1"
def macro_f1(labels, answers):
    """Mean F1 over those of the classes 0, 1 and 2 that occur in labels or answers.

    labels, answers : int arrays (n,)
    Returns a float. F1 of a class is 2 P R / (P + R), and 0 if no beat of it is answered right.
    Example: macro_f1(np.array([0, 0, 1]), np.array([0, 1, 1])) is 0.667 (both classes have 2/3).
    Write it yourself: f1.class_scores may not be called.
    """
    # solution
    scores = []
    for k in np.union1d(labels, answers):
        right = np.sum((labels == k) & (answers == k))
        scores.append(2 * right / (np.sum(labels == k) + np.sum(answers == k)))
    return float(np.mean(scores))
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# P is right / answered and R is right / asked. Write 2 P R / (P + R) with these, and simplify: the
# division by zero disappears.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("macro_f1", macro_f1)

# %%
always_normal = np.zeros(len(beats), int)
for name, answers in (("always normal", always_normal), ("two thresholds", two_thresholds(beats))):
    score = f1.class_scores(beats.labels, answers).macro_f1
    right = np.mean(answers == beats.labels)
    print(f"{name:>14}: accuracy {right:.1%}, macro F1 {score:.3f}")

# %% claims=true
shares = np.bincount(beats.labels) / len(beats)
assert len(recordings) == 60 and beats.x.shape[1:] == (104,)
assert shares[0] > 0.7 and f1.class_scores(beats.labels, always_normal).macro_f1 < 1 / 3
by_rule = f1.class_scores(beats.labels, two_thresholds(beats)).macro_f1
assert by_rule > f1.class_scores(beats.labels, always_normal).macro_f1 + 0.2
assert 6 < shares[0] / shares[heartbeats.CLASSES.index("atrial")] < 8, "one among seven"

# %% [markdown]
# *Two thresholds* is a rule without any network: early and wide is ventricular, early alone is atrial.
# Your network has to be worth more than that.
#
# ## Patients, not beats
#
# To know how good a network is on new patients, keep some patients away from it. Beats of one
# patient resemble each other; a network that has seen half of them knows the other half.

# %% exercise="split_by_patient"
def split_by_patient(patients, share, seed):
    """Choose patients for validation.

    patients : str array (beats,), the patient of each beat; share : float, of the patients
    seed : int; the same seed gives the same patients
    Returns a bool array (beats,), True for all beats of round(share * number of patients) patients
    that are drawn at random. Example: of patients ["a", "a", "b", "c"] and a share of 1/3 both
    beats of "a" are True, or the beat of "b", or that of "c".
    """
    # solution
    names = np.unique(patients)
    drawn = np.random.default_rng(seed).permutation(names)[: round(share * len(names))]
    return np.isin(patients, drawn)
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.unique` lists the patients, a generator's `permutation` mixes them, and `np.isin` says for each
# beat whether its patient is among those that were drawn.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("split_by_patient", split_by_patient)

# %% [markdown]
# The reference monitor was trained twice: on a split by patients, and on a random split of the beats.
# Both were tested on what was held out from them, the second one also on hidden patients.

# %%
leak = Prediction(
    "On held-out beats of patients it knows, the second network has a macro F1 of 0.9 and more. And"
    " on hidden patients?",
    choices={
        "as much, within 0.02": "A random split tests on the same patients:"
        " it measures memory, too.",
        "0.02 to 0.05 less": "Beats of one patient resemble each other more than that.",
        "more than 0.05 less": "",
    },
)
leak

# %%
reference = checkpoints.load_metrics("heartbeat", "compress", origin="reference")
known, strange = reference["same_patients_macro_f1"], reference["same_hidden_macro_f1"]
gap = known - strange
answer = "as much, within 0.02" if gap < 0.02 else "0.02 to 0.05 less"
print(
    f"random split: {known:.3f} on other beats of the same patients, {strange:.3f} on hidden ones"
)
print(f"split by patient: {reference['validation_macro_f1']:.3f} on patients that were held out")
leak.reveal("more than 0.05 less" if gap > 0.05 else answer)

# %% claims=true
assert known - strange > 0.05
assert known - reference["validation_macro_f1"] > 0.0

# %% [markdown]
# Whoever reports the first number has not lied about the beats, but about the patients. (Hidden
# patients are also harder: that is the rest of the gap, and the third number shows it.)
#
# ## Rhythm, without the future
#
# How early a beat comes is half of the answer. Compare the interval that ends with it with the ones
# before. The interval that follows would help, too: after a ventricular beat there is a pause. But the
# device answers 480 ms after the beat, and the next one has not come yet.

# %% exercise="interval_ratios"
def interval_ratios(times_s):
    """How early each beat is, from its own time and earlier ones.

    times_s : float array (beats,), rising, in seconds
    Returns a float array (beats, 2): the interval that ended with the beat over the one before it,
    and over the mean of the up to eight intervals before it; both 1 for the first two beats.
    Example: interval_ratios(np.array([0., 1., 2., 2.5])) is [[1, 1], [1, 1], [1, 1], [0.5, 0.5]].
    """
    # solution
    intervals = np.diff(times_s)
    ratios = np.ones((len(times_s), 2))
    for k in range(1, len(intervals)):
        ratios[k + 1] = (
            intervals[k] / intervals[k - 1],
            intervals[k] / intervals[max(0, k - 8) : k].mean(),
        )
    return ratios
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.diff` has one value fewer than there are beats: interval k ends with beat k + 1. The mean is over
# `intervals[max(0, k - 8) : k]`, without the interval itself.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("interval_ratios", interval_ratios)

# %% [markdown]
# The workbook's inputs have two ratios more: to the mean of the last minute, which notices a heart
# that has been fast for a while, and of that minute to 0.8 s. All are logarithms, so that twice as
# fast and half as fast are as far from zero, and all lie in -2..2 like the signal: one scale of int8
# must serve both.
#
# ## Rare classes
#
# A network that is trained on one atrial beat among seven normal ones learns to doubt atrial beats. Weights
# correct that; weights that are fully inverse to the frequency overdo it. A power between 0 and 1 sets
# how far to go.

# %% exercise="tempered_weights"
def tempered_weights(labels, power):
    """A weight for each class: proportional to its number of beats to the power of -power.

    labels : int array (n,) of classes 0, 1, 2, each of which occurs; power : float, 0 to 1
    Returns a float array (3,), scaled so that the mean weight of a beat is 1.
    Example: tempered_weights(np.array([0, 0, 0, 0, 1, 2]), 1.0) is [0.5, 2, 2].
    Write it yourself: losses.class_weights and losses.tempered_weights may not be called.
    """
    # solution
    counts = np.bincount(labels)
    weights = counts ** -float(power)
    return weights * counts.sum() / (weights * counts).sum()
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# `weights * counts` is what each class weighs in all. Their sum over the number of beats is the mean
# weight of a beat.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("tempered_weights", tempered_weights)

# %% [markdown]
# ## The budget and the score
#
# The monitor runs on a battery, on one small board. A program that breaks the budget or misses too
# many beats of hidden patients has no score at all, however small it is. What is left is ranked by
# **100 macro F1**, minus points for every doubling: 4 for the energy above 10 uJ, 2 for the arena above
# 1 kB, 2 for the flash above 8 kB. Halving earns them. Energy is modelled with a software stack that anybody
# can install.

# %%
print(f"on {cost.board(BOARD).name}, at most: {BUDGET.flash_bytes:,} bytes of flash,", end=" ")
print(f"{BUDGET.arena_bytes:,} bytes of arena, {BUDGET.energy_uJ:g} uJ a beat")
print("recall on hidden patients, at least:", ", ".join(f"{k} {v:.0%}" for k, v in GATES.items()))
print("points for a doubling:", end=" ")
print(", ".join(f"{name} {one.points:g} above {one.free:,.0f}" for name, one in PRICES.items()))
print(f"two thresholds, without a network: macro F1 {baseline_macro_f1():.3f}")

# %% [markdown]
# What is a microjoule worth? Here are monitors of four sizes, three seeds each, as they were measured.
# Which size wins depends on the price; and at some prices nobody can say.

# %%
heartbeat_price_explorer(measured_widths())

# %% claims=true
prices = heartbeat_price_explorer(measured_widths())
free, dear = (prices.set(price=price).result for price in (0.0, 10.0))
assert len(measured_widths().rows) == 4 and {len(r.macro_f1) for r in measured_widths().rows} == {3}
assert free.best != dear.best and free.ties and not dear.ties
assert {key: (one.points, one.free) for key, one in PRICES.items()} == {
    "energy_uJ": (4, 10),
    "arena_bytes": (2, 1000),
    "flash_bytes": (2, 8000),
}

# %% [markdown]
# ## Your work space
#
# From here on it is yours. This is a first monitor, no more than a start: change the network, the
# weights, the training, the augmentation, the threshold. Judge by your validation patients; the hidden
# ones are for the end.

# %%
held_out = np.isin(beats.patients, np.unique(beats.patients)[::4])
training, validation = beats[~held_out], beats[held_out]
model = beat_cnn(width=8)
run = train(
    model,
    heartbeats.for_network(training),
    training.labels,
    profile=TrainingProfile(epochs=6, batch_size=64, learning_rate=4e-3),
    options=TrainingOptions(
        loss=losses.FocalLoss(0.0, losses.tempered_weights(training.labels, 0.5))
    ),
)
scores = model.predict(heartbeats.for_network(validation), batch_size=1000, verbose=0)
reached = f1.class_scores(validation.labels, scores)
print(f"{run}; macro F1 on validation patients {reached.macro_f1:.3f}")

# %% [markdown]
# An alarm is a score above a threshold. Missing a ventricular beat costs more than looking twice:
# choose the threshold by the recall you need. Look at the patient who is served worst, too.

# %%
heartbeat_alarms_explorer(scores, validation.labels, validation.patients, heartbeats.CLASSES)

# %% exercise="threshold_for_recall"
def threshold_for_recall(scores, positive, recall):
    """The highest threshold that finds at least so many of the positive beats.

    scores : float array (n,); positive : bool array (n,); recall : float, above 0, at most 1
    A beat is found if its score is at least the threshold.
    Returns a float, the score of one of the positive beats.
    Example: threshold_for_recall(np.array([.9, .2, .6, .4]), np.array([True, False, True, True]),
    0.6) is 0.6.
    Write it yourself: f1.threshold_for_recall may not be called.
    """
    # solution
    own = np.sort(scores[positive])[::-1]
    needed = int(np.ceil(recall * len(own) - 1e-9))
    return float(own[needed - 1])
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Sort the scores of the positive beats from high to low. How many of them must be found? Round up.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("threshold_for_recall", threshold_for_recall)

# %% [markdown]
# A threshold can be built into the program: adding to a class's bias in the last layer costs nothing. The
# next cell lets the monitor answer *ventricular* as soon as it takes to find 99 % of these beats on your
# validation patients.

# %%
ventricular = heartbeats.CLASSES.index("ventricular")
lead = f1.class_margin(scores, ventricular)
threshold = f1.threshold_for_recall(lead, validation.labels == ventricular, 0.99)
add_to_class(model, ventricular, max(0.0, -threshold))
scores = model.predict(heartbeats.for_network(validation), batch_size=1000, verbose=0)
reached = f1.class_scores(validation.labels, scores)
print(f"threshold {threshold:+.2f}; recall", ", ".join(f"{share:.1%}" for share in reached.recall))
print(f"macro F1 on validation patients {reached.macro_f1:.3f}")

# %% claims=true
assert reached.recall[ventricular] > 0.985

# %% [markdown]
# ## The file
#
# What counts is the `.tflite`, int8 in and out: 104 numbers in, three out.

# %%
program = litert.convert(model, "int8", heartbeats.for_network(training[::40]))
before = Prediction(
    "The macro F1 of your int8 program on hidden patients, who are harder than yours:"
    " how many percent?",
    unit="%",
)
before

# %%
result = measure_program(program)
print(result)
before.reveal(100 * result.macro_f1)

# %% [markdown]
# That is the official check: the same function grades you, with the same hidden patients, and your
# teacher may draw others. If there is no score, the last line says what is missing.
#
# ## Hand it in
#
# `as_text` writes a program as text, so that it travels inside this notebook. Paste the text of your best
# program between the quotation marks.

# %%
print(as_text(program)[:200], "...")
print(f"{len(as_text(program)):,} characters; print(as_text(program)) shows them all")

# %% exercise="heart_monitor"
def heart_monitor():
    """The text of your program, as print(as_text(program)) wrote it; white space does not matter.

    Returns a str. It is judged by the budget, by the gates, and by its macro F1 on hidden patients,
    which must be 0.10 above that of two thresholds. Example of how it begins: "c-qxk30PCtwmz8?2$=".
    """
    # solution
    return """
    c-qxk2Xs`|nSRsjd((TBMjaI-B$#0&fkZVn<=EJ`C0H07*u~(0oH(qrFtIl$w&QHT-N6nR3<v`j64;0?L.UWu)JD
    C.NSe.~.-(TrBaJ|KU6QkV&U)`T-`scGf4~2~_uY5@Uy=d<uy*NVbGU#KkOD%03orpXT1N)(=re%UO`#OUYit1c6
    N-y*0DuFg5*9@+3OtG)1VPxbXAX)*t5-d><nbpSS-oog$|Y-y78k88LgmsYWs,i%).MR.Z`rnf$E(.)x4gV*.ckq
    y*tuo<w#j+`73fDh4xqS>;!PB,C=$?tttg4b7y#g+xQ=$ch~f;26DSU&*pK4<829Kr*DMGU&0jz<r6Y8o3ll,kq(
    ;QaI$~@LDjG23qW!0BgP$Dxr@dLlgS@N~T+9ae$&mn%lbMs9IU4.nty6PF<z.DQ=SJ(MQ_28>q@$RPA.T`kMLvoR
    u`vr#4695Dg7n?&SzbO,$6J<AY+IA23pbs)d)lV2*,aYp2jM2&gj.8Hz+N4J;NnnNw-,I5r`yZYycSPMJ.6OtL,8
    C0$lK`JJd5UJRG~%ab7mMpj-vT`w7o0VcMqyaMx%77NJQ~lM+?FhdRqVbCpQ`w6*Mq*FT7MPWFdjm<(z>tNS~x7T
    >$wE6g-0?ukK*0GM<`fsCx`%3-.,UbK~9h%_.vW_)~rVs(74AN7oPZatel6gVah!Z9nb6mE%@!T=Eb.mK90h<_c4
    ;W!c+XvN=+R<LvFcq1^rDmo.f0U7d,OrAdz8!`NO,3|(D4eDqkNuCqDL*|S,&H(SVwDUE|V8)gkZq57ouLL+kU(?
    #X&!)NZCG1J?d_7R%AoSH)ILW_NH0Wg*z!(7I$F^J,H$.Tg-m=^^Xs9aBuvrS.6&^kNMhjWtL&Gn6+W0FDPP)=`I
    4uQ?ILW5T?`3)FQX4Uo8@mfDC?hxyet@IXkcad<UFwrI~l0ZvWTO_BBzuW9E9erOw3(oueoo9rI0$3Ix`k>Y<kB;
    iAYVOkiIWfd&OQs~wx.Yti.(_cmOPJ>y63A_^hbU)5=j&MxlWH_#w+EYRo0!aodna_Mvq$>Ez%df8PSowfn<Y.)-
    ~;<SD!LN`Qr|y(?OugEC9&YZX_@qcHj@q?Xu3F>z?6yJ$nZIJu7NtDT.O3$8WC(Ysb!?cSyt_rv`fERP-ZRb>?*V
    .I;jlX-2s?*4q*vM41xMTpYOD|6F20D-<8oo8vYW#u_k3joo*@j->tfF$=I`(3ag8riKtFoD.;J#(dEgmy?!zK(P
    i9uq$5Hc%WNGfNcswk@c+W;!jq,G>$j^GtbP7yyS(y`>aL=B=O_xrDM`noDtSv?lK9p-x<KFI.+rd=@3y|b``1=^
    u&K7i6nUoc21.>zt<XAG*46)#<H0+y+=U<lG#?-UKsvftcM1Vujt@c3qG!S.(DF;@UY4SV#4uX^J=(7u?Kd!lAoE
    ZG#t?#3#AE>=`VMqo3XX#V6+jzu9KjlzdmMG4h8|Kd^_1Tv2Vm02jGLGS-R*GwUE#>hyVOtpfv$A@+13+PhHzY<?
    +@1.m)fXTZVVw+!V^7X7b.08!`;=V6Y*KhTdET^VOfN9u%(-Eqr*WwmNwufUZxtZ#D9CngURrC`.GVt7u0=CXt!2
    U6S^4oYs&eZ=eb`4F!pvlr5^Mcym@X#b%xtBN-`#QkO&uP>47SGs<N?4)N!uH);>H~A@qNJeWVP!*?$2RkR<YZcp
    =r(fd7&?#x=K4yhkxE57l@?`9ataG$Le*&P5FXP2G~?I1p;C34<-*Am~XXfeI#%>ZLH^-PTbl5eXz?`.BM;hRH%P
    POzwAgv$+*^c;_uXyWk+B*IXj$B!jpFbI>tC-nu*1hbV8qFG&7QIlEEavw8$>>>;EDwzwN8P<~r+Iyr8LI(M^g2(
    RhS&1,Dxwt&SB%R.2sf~~)2!3->H1Z++)(Fu*aNL6V93Q40!w<s<$yI-Z)Ch?<;5es8LS!KmWB8jPa<Gs$Hm@r%3
    !_X96TYpZjq?iYM6J#Q`4GaAz(h4EFiS~PxEKT#oh|djSbUO$49W3qpHHHn2msDhUK~HdgN+@4@Q!POM3GXG$Hd)
    zeu=c6W2FhX@B|~i2TXMg%kWfo6A_!|b6xTq`w2LwGTY@#S41>k3TUCy7;X|3YR7Wek<?)>a7V~-%R@jNdr=_4Qq
    FYgQZDqdF57Oi903NGd>#&qB5>^&Wz3J_6II2oVW-qdA~s?v9ofaOD#IXevr0KCwI3?0nZ=RLsvr&bA>v@$I5^~g
    1j7|^0_JeGfdD&1^ax|r1#!b11,`v.=9T-fPN9!WL?pd(f4|r$u1v;C=U~k7.UHUMNC|L!e5@P5A%j8??f@bj$04
    &)7~r=j4)!uR0d1xTqzGh*92dWZB#v|60XcTDj2~uQP+)^<84U3xdSdZlMu(15vp?(PJ4lVWoD%j@sN.Y=8|+DKF
    Mr>DAv0TW&v0PTen2?;@abEj56vl<s~skwPJHkj_x9y)dgBTP79BDcBXbYx5BKa,COLTJ2;#5!ThCYU5n(Gse6QT
    S|Eoqi>A)wHzZ^Z;`_WY;f7ZT&^SUcJ%42-NKGVfJk?ZeOXg`u2wYck#bmTS`@o$&seU_iQ<np@=zU~ym*iz#<zF
    5%VG*`J8`>g&;%@y&o>XwVP(-Sx9JV5r|z1Oo`-?Eh5=Gwk|m%yhzg)IwQ>JC+WJ<L3sUR*@Lx#tfb!RT8jItq,c
    aeSreaD1(+j)5iM^&Ilmu`rbuycd7cNn!h?BKA855;X#!Bh`@FB;I-!Fc=hAxh@!>hb&<sUFPhtLLocWL,%b30+o
    j44N*Ek0>E>Vd)P1r<Gk1I=g=^wVM0HRMkbTT2,CC$0>^ocE,l<f?;%*s9GAt4HQTKuueEIq7c#Q#E^N3<)EhKLh
    V=BnAP11qT,Nq$$W~rWD;KK3TV0Uh9JyX+>ph7znEM93)ohB(0dzpd@!p|&>>-=V$ESyoKtMz!2U#paAi#sDDx#N
    -qf!7C(=zIyW6fPst<,XE4TI$5R!YFYa*4?Dyky0u>~Lh1$21v|oSqVS*Y2~=`7*nfFKM2u;ibrKg&)1(81VK!mu
    Iw?#!OVdAEaQ|_>rErJ7mWMt=&5ibR_oKm_kl?-0WFlq0^.dmW?8HFo$tWH<l`3F!0PVFOmTx5eOf`VFNCZWu9<^
    U_fjegM3a9No5O1JYqZ*#.~f,2ZWg_iOe)RG+yi-A_NF2;&2!Wk%(4`SB|s8qZl_^$<vOEkV8svu#a;G2L~_(h%Y
    V22=$8SsaaN+04JqT!%QlN<&Y2)sN#5)T>!>W`ut3.IUe!jsZKUL!b.+cP>fVSIuZ2pC%BOzXOb!s!5C>h!%$E`c
    ZPUUUoHaBA%!&J4v8?_5u*daKv@bH3J(cg6nNAxfgng=CZ>>J8`5hLYV(A%UIp@.-#(u8#KaBpjeYv%hv,!4-.xy
    ~8+T&-2S$Q;TtI^HJ3THdWHpf@UJ,VN<e%lXbu0`K2uoaknlVvn?F3wbWF<+u5TXwg3c)o4R3XO#Gaz(-BnC(.AL
    1)cV>0<NS%9u!$^)hpkT!-OFbA~bLVau+WKJig0#-grjAQ#kNo0DP6_6nehPTU1&VxBhLP.TBYIpnCR91*9^^T5X
    r643UQ9Ul9Ki&<K93UTqQ$_$oVuE_qzRb5Sqh|T6qMH+fD&4^Im2n@@k4ZPYT=fLO@WoIjlYM-LFu1apujUK+0f,
    ln7d>avd6an@6m6Xu7neZ49GH!FwW$+C>snQ$4qg%lo0Tkf.&t0e=At1SJT5Mh<.ep(n_HW#n2mMw@+QDkwrkUcw
    ^%LS#b7(t)82veHqnbz4oOEJE)Sn(L)>Cztx3gYi2EXN|9rVU8;hUQX1VI&X5Hz<^NWfm.CO?FC.)$D$_rq+gegs
    eyBuh#oAuF+K5v,6XKfDy@Bi((m1nE9fB)cgzOKWF=?t!3*,n8mMcXiwglV$5V62Oh),Z$h#sqGrEKD$t_;_>FFr
    MBQ=m=$lK_X7%RnTto6!)0YRGvc?rt)yfZVol5Ko~6`oI&=_mXO)#HNc9`pv7B#!.In=0BNPO2pCeLvTfMs3d3Rh
    umosFLQc6JG+cvtgH|k*VJ8!X>@jv~iwr+1RRql9i2$1mVABn0L=G0R`B|Vn?3B%+g9;=O)bohROU&`RUB6o1QCR
    eZXDqe;f_v5tY%O_k<+HoozYn?YYI`qB>o*bLIEUe$n9yzbdd(t|i&mMkREV+N18A)yOYv3%=E;VMBYhAp5Z~+_?
    ;lt&*rmrO-ughn3=kUo#~miKUSN~oy,L*|s$9sTX-Ry,W=9oa4wQoHUvk@v5E%u_vK_@M*a>4SUi-lLry%A5S`gb
    ?mm+SmRyid,o=dcxaX6_*z.PrL@^KEWr-<V;i)0oSK%KL;huS.qP7YM%ONlUl1Gs$R6~?2VcUsiD&7u(PTx5eUuC
    nag;%C;BspaO0xaS6~Cy!u52L,GGY+MIn)=(gKwfWpi>Q`kg`vuoNefpH(><~D,I)3BybBwm5EO9_,+uCp`wM;lZ
    VrCpABwznT+`thvm>i5&f.sbQO,JnK=kKjn>I2%rinH.fbzb%7750.^)n.+TWq=o$#89EFtUFY7SAw^VJZ@>Lp%G
    4!<tNiSKRFag8,w$reie5)rAmLKsU90<BzeT=3^f>@-EoCirmh-uQY`.K#Z3lX+6K(2xncZqv7lBJ$2hO=YdLdPI
    <L70kmV=N4|UEPBIx5Jxc1HS#9r4zdRhTD6c$AMxX#5)YH>&.5w35#xmXPL6H;v*q,0R(;kL,9?L+,95gxcT5oUY
    CmeW$k)#^Eqo&gYsW3b`NNc~7heq2$?JeelbLb`^G8i#fU^W3QiZ_)<nd<kLq*_DFM&M~.lS7>3@mtBQ8?!t>k7J
    ghCAAISuAtG=F.GE&fEoS^hxan*Cz*APw8aV@#BfY+Wg)xVO7y5,X>XaIQfpL@FWEfMOQ`.vtf^oPAi7vA%6fV9n
    A.@bwjn$H@R3?b6mFExA2Fb0RF3C4CmrRi%37x9MG9vTt%D*wyw>3MCV@J8gpq+@+P!g`y7F0_APB|&Kaej&ZJ?H
    2Zb*k=Hvzd>?ow,(`HN+PpyyciySipoep@Fuf;Mm+$yGN32>h5fj1q11>_Qrcah.19)u<UL&b(BC1FvCK&L_rf&!
    6E|5#f#vB2*u@hPEeR)qlY?3VQ?lozi=?c?Q)Uiq*xKE3tfTx-AyD!g>iW7DK<#d9l+8&WTS,;`ly*Qg_#<heIv+
    XkD46#UXMeZAeQm^V0<`5PNI(@S30Z7Z.HGt`Cei$;~Qz-nVUh~;tw4SvhxR$?tNT8dU?L;ljoE18S^inD^_71SL
    YE5u??UZtCk@A&dlC1jbe,>A#vQkTjFj8j&Kh*YGWpiCQy(tsFaf#V#Bz|9k3&*aI?,ObcG>89tE+3DnHNd661Si
    SUGQ$Ia)F17flce!WK~~Z-.#)Av9r^w7D-w9.5#hsBgqY%O8gk<Z1NzFDQ1SWhd(YV~GGjL6JlQfa9n?HH`XLLbP
    8w>TexD^EGHrMW$p$LmKBW9Q#|Ns,?PJYPT>i.b<wa-A^o~u8O~KPG<Ui(USuQ^C)pr4WO(0<Y>apv~QkzVQFk^G
    =,m84gmI`^H!kvWvreYi@DrEu?F?u),mmb&nq8$<Z<Pq?c08.X-Da%jhT~uxRcQo=ze4-8n=OB_0gEsb+l70ibl*
    -eCFknE!%)toaP0zj)`Inef~H)S1g9,2b70&DojI>#^NWq@5F^r)(fKZGh$q!@9?0_;1N,c8GDY#i4vR$GCc-2<(
    dN1F.Eg%_&YLUT*%X0u=lx;Vq5?WW`>-oT?sK=0DyYmF4R~XGsYPcD@WzgV&!Y7?#!4>VQlU*XkE07oiUCUn=2,l
    6ticPJ9kq4f8&lxh.e|Ele5z&xzl59_!)Akz=OCVWyW5Zwlfgp---@?4TT*gvJpiJIuMTzcmXAoj*=Neg>q3aqj5
    Ww_.ZpAcP#EVxyG(3ow%_*9MhQ+jbm;_+sHHQv<I0=Q,gf9M%y0QxM^GImeSu%$3HPK-d!`~=EitO<!+7c#h6^~3
    >!|TXgMG-6%?ZRhD.,<>tEcqZGCpui(5-,?%eXymQ6d*!pf4;m9K8q.!nxAmXe)C8#g,8=U?0p^MPV~UXR9n-4FA
    b)^nPV^7nHKRzJ*V^OlXM;@`.Ve$(Tdw!Zqk4budt`9<wZ^*qcEjPZL6.c-;UzhtE|U;Z$^m$sIamZFp8O!C;dx#
    X2i59|>=Pj-E0zSth5w4y&7JwH9);fLqjv1$F*SJ&r#kJcMXN?+W(e%tmPFPCiHva6(Y%l2)P.U+<9)mbGQH?Gfq
    Xf@HJZTr?&qg`_zF8*_ZcfPtI8<-Kh24~oNm-k`)X*2cr.<!|>r#J=QtAFl4sDJK1tbg`Dr+@B`>MxGvQQda=9_a
    sO?7WHUAJuE4Z%Y5=vA+M)6qWItyL<CHZq6@&%Bu70Uc8Y1*`liab>%1Wo6`^E?|b`=.KW6P?>,gQm_FngXJQm9.
    159xiTz1Ni8ki?|M&Ij-ndWm>>srAcm3-%jY)A)^S5x7=Ik#.YCdZ^pg9P=sX6rjV,IP=4.rw^*l*;4ohW#;Lup.
    jet&xKefU33Q4YWO=s&c-d!<*q8~LmD+S4nw_UhHza;si@=-MB((sy3b3fG^~eim1$<#=@3gR7s`O0mbZm2WT8?k
    GK?y<*?1.o(zV^S%3x8M.kN+v`01u)RpJ.k8|~a2Wpi*=v8CSo8YpyERoSk~PnoC)6)j+SJEi`8SPmmqhbc4OR1R
    nU83mJ+Vr&!p_sw?+vIa9YvaEwNX8vzEHy|N%.W$.PR2S@1O6_h90cX*!_DMKnbBgi$hcE^XH$*`b@9Uq0huxd3R
    ?1YY7JJTkvV^8*IaT$w6xV5Vl(@e7#b;=eY.)`USt#emJ.IJGky0t!X$z`_~tLtvwVxskN^w(~5uejxzQAXHI|r!
    w=hs5Zk.()PNhqKTrE?&)=sOmVBuxs(M;8`^gl|l4DP+&&uA=XcJazx~fw(#_|-+-8pyFvy-zl@73cpD,H-ey?xb
    )`uw.InwQd)n%p0-&re>|X51U1.@JwM9=q>b0F-E_.gElVCCs?H|4@pyZ|.3s3wgiR4yl^8@,Io#POTp<#$!J6Fp
    t=L*eH(#<e%d~3@y?0_3qMCAA3)u_z@n.=9s=yUygBz`bWb1.uuhrowN&n(l*h1cFB$.rJFO+*Lr7Z$+prdTTb=m
    PyU~UAm*7(B@$XY<q9ZcK6=dGq2y2AQ|Ym9Fh2Hw3lHvT$an5(x;=aHqxowy?m(Mo+!>;EYf-3U.G;VsbiC++E,~
    AfOqsFH^huv?>Q+Uc)L=@Hs6WS;!3+1m_PGB7I#`b1
    """
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Over the budget? Fewer channels first; then fewer operators. Too few atrial beats found? Give them
# more weight, or add to their bias. Well on your validation patients and badly on hidden ones? Disturb
# the training beats: shift them by a few samples, scale them, add slow noise.
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("heart_monitor", heart_monitor)

# %% [markdown]
# ## The class
#
# `tinylab heartbeat add FILE.tflite --name NAME --ranking class.jsonl` adds a program to a ranking, a file
# with the programs in it. Rankings of several classes are put together by `tinylab heartbeat merge`, which
# runs every program again: a line whose figures do not come out again is refused.
#
# ## How honest was that?
#
# All patients here were invented, by people who know what to vary and forgot the rest. Real hearts wait
# in the MIT-BIH Arrhythmia Database (Moody and Mark 2001): `tinylab fetch mit-bih` gets it, and
# `heartbeats.load("hidden", source="mit-bih")` gives 22 real patients that no program here was trained on.
# Expect less than above, most of all for atrial beats. A program that has never seen a real heart must
# not watch one.

# %% [markdown]
# ## What have you learned?
#
# A letter for each question. The check says what is wrong with a wrong choice.
#
# **1.** Beats are split at random into training and validation. The validation score is
#
# - a) too low
# - b) too high for new patients
# - c) fair, because no beat is in both
#
# **2.** Nine beats in ten are normal. A monitor with 90 % accuracy
#
# - a) finds 90 % of the ventricular beats
# - b) is good
# - c) may be worth nothing: look at the macro F1
#
# **3.** The interval after a beat tells much about it. A device that answers after half a second
#
# - a) cannot use it
# - b) can use it if it is trained without it
# - c) can use it, for it is in the recording
#
# **4.** To find 99 % of the ventricular beats you add to that class's bias. That costs
#
# - a) false alarms
# - b) nothing
# - c) energy

# %% exercise="questions_heartbeat"
def questions_heartbeat():
    """The letters of your choices in order, "-" for an open one.

    Returns a str of 4 letters. Example: "----" leaves all open.
    """
    # solution
    return "bcaa"
    # end solution


# %% [markdown]
# <details><summary>Hint</summary>
#
# Look again at *Patients, not beats* (1); *The patients* (2); *Rhythm, without the future* (3);
# *Your work space* (4).
#
# </details>

# %%
# NBVAL_CHECK_OUTPUT
check("questions_heartbeat", questions_heartbeat)

# %% [markdown]
# ## Keep it

# %%
checkpoints.save(model, "heartbeat", "train", metrics={"macro_f1": reached.macro_f1})
checkpoints.save(program, "heartbeat", "compress", metrics={"macro_f1": result.macro_f1})
Ledger("heartbeat").record(
    stage="compress",
    accuracy=result.macro_f1,
    test_set="beats of hidden patients",
    examples=result.beats,
    weight_bytes=count(read_tflite(program)).weight_bytes,
    file_bytes=result.flash_bytes,
    ram_bytes=result.arena_bytes,
    macs=result.macs,
    latency_ms=result.latency_ms,
    energy_uJ=result.energy_uJ,
    board=cost.board(BOARD).name,
    kind="modelled",
)

# %% [markdown]
# **Next:** your own idea. You have the tools of a whole course; the board does not care which of them you
# use.
#
# **References**
#
# - McSharry et al. 2003, *A Dynamical Model for Generating Synthetic Electrocardiogram Signals*
# - Moody and Mark 2001, *The Impact of the MIT-BIH Arrhythmia Database*
# - de Chazal et al. 2004, *Automatic Classification of Heartbeats Using ECG Morphology and Heartbeat
#   Interval Features*
# - Banbury et al. 2021, *MLPerf Tiny Benchmark*
